namespace Pavise.Host.Vsock.Virtio;

/// <summary>The buffers of one descriptor chain, checked: bounded in number and bytes, all of one direction, all in guest memory.</summary>
internal sealed class DescriptorChain
{
    /// <summary>Bytes of a chain: sixteen times the largest packet; what a driver adds above that serves nobody.</summary>
    public const int MaximumBytes = 1024 * 1024;

    private readonly MemoryRange[] _buffers = new MemoryRange[SplitRing.MaximumSize];
    private int _count;

    public ushort Head { get; private set; }

    /// <summary>Bytes of all buffers.</summary>
    public int Length { get; private set; }

    /// <summary>Reads the chain that begins at <paramref name="head"/>.</summary>
    /// <exception cref="VirtqueueException">The chain breaks a rule.</exception>
    public void Load(SplitRing ring, GuestMemory memory, ushort head, bool writable)
    {
        Head = head;
        Length = 0;
        _count = 0;
        ushort index = head;
        while (true)
        {
            if (_count == ring.Size)
            {
                throw new VirtqueueException("a descriptor chain is a circle");
            }

            Descriptor descriptor = ring.Read(index);
            if (descriptor.IsIndirect)
            {
                throw new VirtqueueException("indirect descriptors were not negotiated");
            }

            if (descriptor.IsWritable != writable)
            {
                throw new VirtqueueException(writable ? "a receive buffer is not writable" : "a transmit buffer is writable");
            }

            if (descriptor.Length > MaximumBytes - Length)
            {
                throw new VirtqueueException($"a descriptor chain has more than {MaximumBytes} bytes");
            }

            _buffers[_count++] = memory.Resolve(descriptor.Address, descriptor.Length);
            Length += (int)descriptor.Length;
            if (!descriptor.HasNext)
            {
                return;
            }

            index = descriptor.Next;
            if (index >= ring.Size)
            {
                throw new VirtqueueException($"descriptor {index} is outside a ring of {ring.Size}");
            }
        }
    }

    /// <summary>Copies bytes from the chain's offset on; the range lies inside <see cref="Length"/>.</summary>
    public void Read(int offset, Span<byte> destination)
    {
        for (int i = 0; i < _count && destination.Length > 0; i++)
        {
            if (Piece(i, ref offset, destination.Length) is { Length: > 0 } piece)
            {
                piece.CopyTo(destination);
                destination = destination[piece.Length..];
            }
        }
    }

    /// <summary>Copies bytes to the chain's offset on; the range lies inside <see cref="Length"/>.</summary>
    public void Write(int offset, ReadOnlySpan<byte> source)
    {
        for (int i = 0; i < _count && source.Length > 0; i++)
        {
            if (Piece(i, ref offset, source.Length) is { Length: > 0 } piece)
            {
                source[..piece.Length].CopyTo(piece);
                source = source[piece.Length..];
            }
        }
    }

    private Span<byte> Piece(int index, ref int offset, int wanted)
    {
        ref readonly MemoryRange buffer = ref _buffers[index];
        if (offset >= buffer.Length)
        {
            offset -= buffer.Length;
            return [];
        }

        Span<byte> piece = buffer.Span.Slice(offset, Math.Min(wanted, buffer.Length - offset));
        offset = 0;
        return piece;
    }
}
