using System.Buffers.Binary;

namespace Pavise.Attestation.Tdx;

/// <summary>Reads a quote's parts in their order; asking for more than there is, is a format error.</summary>
internal struct QuoteReader(ReadOnlyMemory<byte> rest)
{
    private ReadOnlyMemory<byte> _rest = rest;

    public readonly ReadOnlyMemory<byte> Rest => _rest;

    public ReadOnlyMemory<byte> Take(int length, string what)
    {
        if (length > _rest.Length)
        {
            throw new EvidenceFormatException($"a TDX quote ends inside {what}: {length} bytes expected, {_rest.Length} left");
        }

        ReadOnlyMemory<byte> part = _rest[..length];
        _rest = _rest[length..];
        return part;
    }

    public ushort U16(string what) => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort), what).Span);

    public uint U32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint), what).Span);

    /// <summary>A part whose length stands before it.</summary>
    public ReadOnlyMemory<byte> Sized(uint length, string what) =>
        length <= AttestationLimits.QuoteBytes ? Take((int)length, what) : throw new EvidenceFormatException($"{what} of a TDX quote has {length} bytes, more than a whole quote");

    public readonly void End(string what)
    {
        if (!_rest.IsEmpty)
        {
            throw new EvidenceFormatException($"{_rest.Length} bytes are left behind {what} of a TDX quote");
        }
    }
}
