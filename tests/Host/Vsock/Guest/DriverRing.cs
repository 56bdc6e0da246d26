using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Pavise.Host.Interop;

namespace Pavise.Host.Tests.Vsock.Guest;

/// <summary>The driver's side of a split virtqueue, written from the specification and honest only if its user is.</summary>
internal sealed class DriverRing(SharedMapping memory, int at, int size, bool eventIndex)
{
    public const ulong GuestBase = 0x10_0000;
    public const ulong UserBase = 0x7F00_0000_0000;

    private readonly int _available = at + (size * 16);
    private readonly int _used = (at + (size * 16) + 6 + (size * 2) + 3) & ~3;
    private ushort _offered;
    private ushort _announced;
    private ushort _seen;

    public int Size => size;

    public int Bytes => _used + 6 + (size * 8) - at;

    public ulong DescriptorsAddress => UserBase + (ulong)at;

    public ulong AvailableAddress => UserBase + (ulong)_available;

    public ulong UsedAddress => UserBase + (ulong)_used;

    public void Describe(int index, ulong guestAddress, uint length, ushort flags, ushort next)
    {
        Span<byte> descriptor = memory.Slice((ulong)(at + (index * 16)), 16);
        BinaryPrimitives.WriteUInt64LittleEndian(descriptor, guestAddress);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor[8..], length);
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor[12..], flags);
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor[14..], next);
    }

    /// <summary>Offers a chain; the device sees it after <see cref="Announce"/>.</summary>
    public void Offer(ushort head)
    {
        Reference(_available + 4 + (_offered % size * 2)) = head;
        _offered++;
    }

    /// <summary>Shows the offered chains; returns whether the device wants a kick.</summary>
    public bool Announce()
    {
        ushort before = _announced;
        SetAvailableIndex(_offered);
        _announced = _offered;
        Interlocked.MemoryBarrier();
        if (!eventIndex)
        {
            return (Reference(_used) & 1) == 0;
        }

        ushort wanted = Volatile.Read(ref Reference(_used + 4 + (size * 8)));
        return (ushort)(_announced - wanted - 1) < (ushort)(_announced - before);
    }

    public void SetAvailableIndex(ushort value) => Volatile.Write(ref Reference(_available + 2), value);

    public bool TryUsed(out ushort head, out int written)
    {
        if (Volatile.Read(ref Reference(_used + 2)) == _seen)
        {
            (head, written) = (0, 0);
            return false;
        }

        ReadOnlySpan<byte> element = memory.Slice((ulong)(_used + 4 + (_seen % size * 8)), 8);
        (head, written) = ((ushort)BinaryPrimitives.ReadUInt32LittleEndian(element), BinaryPrimitives.ReadInt32LittleEndian(element[4..]));
        _seen++;
        return true;
    }

    /// <summary>Asks for an interrupt at the next used chain; true when one came meanwhile.</summary>
    public bool EnableInterrupt()
    {
        if (eventIndex)
        {
            Volatile.Write(ref Reference(_available + 4 + (size * 2)), _seen);
        }

        Interlocked.MemoryBarrier();
        return Volatile.Read(ref Reference(_used + 2)) != _seen;
    }

    private ref ushort Reference(int offset) => ref MemoryMarshal.AsRef<ushort>(memory.Slice((ulong)offset, 2));
}
