using System.Buffers.Binary;

namespace Pavise.Boundary.HostCalls.Files;

/// <summary>Writes the fields of a frame one after the other.</summary>
/// <param name="buffer">Where to; large enough for every operation's largest fields.</param>
public ref struct FileBodyWriter(Span<byte> buffer)
{
    private readonly Span<byte> buffer = buffer;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Writes a u16.</summary>
    public void U16(int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(buffer[Length..], checked((ushort)value));
        Length += 2;
    }

    /// <summary>Writes a u32.</summary>
    public void U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[Length..], value);
        Length += 4;
    }

    /// <summary>Writes a u64.</summary>
    public void U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(buffer[Length..], value);
        Length += 8;
    }

    /// <summary>Writes bytes as they are.</summary>
    public void Bytes(scoped ReadOnlySpan<byte> value)
    {
        value.CopyTo(buffer[Length..]);
        Length += value.Length;
    }

    /// <summary>Writes bytes after their length.</summary>
    public void Counted(scoped ReadOnlySpan<byte> value)
    {
        U16(value.Length);
        Bytes(value);
    }
}

/// <summary>Reads the fields of a frame one after the other; the end must be the end.</summary>
/// <param name="bytes">What follows the header.</param>
public ref struct FileBodyReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    /// <summary>Reads a u16.</summary>
    /// <exception cref="InvalidDataException">Nothing is left.</exception>
    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    /// <summary>Reads a u32.</summary>
    /// <exception cref="InvalidDataException">Nothing is left.</exception>
    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>Reads a u64.</summary>
    /// <exception cref="InvalidDataException">Nothing is left.</exception>
    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>Reads bytes after their length.</summary>
    /// <exception cref="InvalidDataException">Fewer are left.</exception>
    public ReadOnlySpan<byte> Counted() => Take(U16());

    /// <summary>Reads bytes.</summary>
    /// <exception cref="InvalidDataException">Fewer are left.</exception>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > rest.Length)
        {
            throw new InvalidDataException("file host call: a frame ends within a field");
        }

        ReadOnlySpan<byte> taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    /// <summary>Everything that is left.</summary>
    public ReadOnlySpan<byte> Rest() => Take(rest.Length);

    /// <summary>Whether nothing is left.</summary>
    public readonly bool IsAtEnd => rest.IsEmpty;

    /// <summary>Requires that nothing is left.</summary>
    /// <exception cref="InvalidDataException">Something is.</exception>
    public readonly void End()
    {
        if (!IsAtEnd)
        {
            throw new InvalidDataException($"file host call: {rest.Length} bytes too many");
        }
    }
}
