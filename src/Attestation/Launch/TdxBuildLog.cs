using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pavise.Attestation.Launch;

/// <summary>MRTD as the TDX module computes it: one SHA-384 over a 128-byte record for each call of TDH.MEM.PAGE.ADD and TDH.MR.EXTEND, the latter with 256 bytes of content behind it (Intel TDX Module ABI, "TD Measurement").</summary>
internal sealed class TdxBuildLog : IDisposable
{
    private const int RecordBytes = 128, AddressOffset = 16, ChunkBytes = 256;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA384);

    public void AddPage(ulong address) => Record("MEM.PAGE.ADD"u8, address);

    public void ExtendPage(ulong address, ReadOnlySpan<byte> page)
    {
        for (int at = 0; at < page.Length; at += ChunkBytes)
        {
            Record("MR.EXTEND"u8, address + (ulong)at);
            _hash.AppendData(page.Slice(at, ChunkBytes));
        }
    }

    public byte[] Digest() => _hash.GetHashAndReset();

    public void Dispose() => _hash.Dispose();

    private void Record(ReadOnlySpan<byte> operation, ulong address)
    {
        Span<byte> record = stackalloc byte[RecordBytes];
        record.Clear();
        operation.CopyTo(record);
        BinaryPrimitives.WriteUInt64LittleEndian(record[AddressOffset..], address);
        _hash.AppendData(record);
    }
}
