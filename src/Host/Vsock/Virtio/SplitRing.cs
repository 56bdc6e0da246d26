using System.Runtime.InteropServices;
using Pavise.Host.Interop;

namespace Pavise.Host.Vsock.Virtio;

/// <summary>
/// The device's side of a split virtqueue (virtio 1.2, section 2.7). What the driver writes is read once, into locals, and checked.
/// Not synchronised: each ring has one user at a time.
/// </summary>
internal sealed class SplitRing
{
    public const int MaximumSize = 1024;

    private const int DescriptorBytes = 16;
    private const int UsedElementBytes = 8;
    private const int RingHeaderBytes = 4;
    private const ushort NoNotify = 1;
    private const ushort NoInterrupt = 1;

    private readonly MemoryRange _descriptors;
    private readonly MemoryRange _available;
    private readonly MemoryRange _used;
    private readonly bool _eventIndex;
    private ushort _nextAvailable;
    private ushort _nextUsed;
    private ushort _published;

    /// <param name="memory">Guest memory.</param>
    /// <param name="size">Number of descriptors, a power of two.</param>
    /// <param name="addresses">QEMU's addresses of the three parts.</param>
    /// <param name="firstAvailable">The first entry of the available ring to take.</param>
    /// <param name="eventIndex">Whether VIRTIO_RING_F_EVENT_IDX was negotiated.</param>
    /// <exception cref="VirtqueueException">Size, alignment or place is wrong.</exception>
    public SplitRing(GuestMemory memory, int size, RingAddresses addresses, ushort firstAvailable, bool eventIndex)
    {
        if (size is < 1 or > MaximumSize || !int.IsPow2(size))
        {
            throw new VirtqueueException($"a ring of {size} descriptors is not a power of two up to {MaximumSize}");
        }

        if (addresses.Descriptors % 16 != 0 || addresses.Available % 2 != 0 || addresses.Used % 4 != 0)
        {
            throw new VirtqueueException("a ring is not aligned");
        }

        Size = size;
        _descriptors = memory.ResolveUser(addresses.Descriptors, size * DescriptorBytes);
        _available = memory.ResolveUser(addresses.Available, RingHeaderBytes + (size * sizeof(ushort)) + sizeof(ushort));
        _used = memory.ResolveUser(addresses.Used, RingHeaderBytes + (size * UsedElementBytes) + sizeof(ushort));
        _eventIndex = eventIndex;
        _nextAvailable = firstAvailable;
        _nextUsed = _published = Field(_used, 2);
    }

    public int Size { get; }

    /// <summary>Index of the next entry of the available ring (GET_VRING_BASE).</summary>
    public ushort NextAvailable => _nextAvailable;

    /// <summary>Whether the driver offers a chain.</summary>
    public bool HasOffered => Field(_available, 2) != _nextAvailable;

    /// <summary>Takes the head of the next offered chain.</summary>
    /// <exception cref="VirtqueueException">The driver's index or head is impossible.</exception>
    public bool TryTake(out ushort head)
    {
        ushort offered = Field(_available, 2);
        ushort waiting = (ushort)(offered - _nextAvailable);
        if (waiting == 0)
        {
            head = 0;
            return false;
        }

        if (waiting > Size)
        {
            throw new VirtqueueException($"{waiting} chains are offered in a ring of {Size}");
        }

        head = Field(_available, RingHeaderBytes + ((_nextAvailable & (Size - 1)) * sizeof(ushort)));
        if (head >= Size)
        {
            throw new VirtqueueException($"descriptor {head} is outside a ring of {Size}");
        }

        _nextAvailable++;
        return true;
    }

    /// <summary>A copy of one descriptor; the index has been checked.</summary>
    public Descriptor Read(ushort index) => MemoryMarshal.Read<Descriptor>(_descriptors.Span.Slice(index * DescriptorBytes, DescriptorBytes));

    /// <summary>Gives a chain back; the driver sees it after <see cref="Publish"/>.</summary>
    public void Complete(ushort head, int written)
    {
        Span<byte> element = _used.Span.Slice(RingHeaderBytes + ((_nextUsed & (Size - 1)) * UsedElementBytes), UsedElementBytes);
        UsedElement value = new() { Id = head, Length = (uint)written };
        MemoryMarshal.Write(element, in value);
        _nextUsed++;
    }

    /// <summary>Shows the driver the completed chains; returns whether it wants an interrupt for them.</summary>
    public bool Publish()
    {
        ushort before = _published;
        if (before == _nextUsed)
        {
            return false;
        }

        Volatile.Write(ref Reference(_used, 2), _nextUsed);
        _published = _nextUsed;
        Interlocked.MemoryBarrier(); // The index must be visible before the driver's wish is read.
        if (!_eventIndex)
        {
            return (Field(_available, 0) & NoInterrupt) == 0;
        }

        ushort wanted = Field(_available, RingHeaderBytes + (Size * sizeof(ushort)));
        return (ushort)(_nextUsed - wanted - 1) < (ushort)(_nextUsed - before);
    }

    /// <summary>Asks for a kick at the next offered chain; returns true when one has been offered meanwhile.</summary>
    public bool EnableKick()
    {
        if (_eventIndex)
        {
            Volatile.Write(ref Reference(_used, RingHeaderBytes + (Size * UsedElementBytes)), _nextAvailable);
        }
        else
        {
            Volatile.Write(ref Reference(_used, 0), (ushort)0);
        }

        Interlocked.MemoryBarrier(); // The wish must be visible before the driver's index is read.
        return Field(_available, 2) != _nextAvailable;
    }

    /// <summary>Spares the driver its kicks until <see cref="EnableKick"/>.</summary>
    public void DisableKick()
    {
        if (!_eventIndex)
        {
            Volatile.Write(ref Reference(_used, 0), NoNotify);
        }
    }

    private static ushort Field(in MemoryRange range, int offset) => Volatile.Read(ref Reference(range, offset));

    private static ref ushort Reference(in MemoryRange range, int offset) => ref MemoryMarshal.AsRef<ushort>(range.Span.Slice(offset, sizeof(ushort)));

    [StructLayout(LayoutKind.Sequential)]
    private struct UsedElement
    {
        public uint Id;
        public uint Length;
    }
}

/// <summary>QEMU's addresses of the three parts of a ring.</summary>
internal readonly record struct RingAddresses(ulong Descriptors, ulong Available, ulong Used);
