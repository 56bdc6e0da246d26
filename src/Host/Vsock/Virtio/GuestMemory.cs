using Pavise.Host.Interop;

namespace Pavise.Host.Vsock.Virtio;

/// <summary>
/// Tells whether a buffer that the guest's driver offers may be touched: the bounce-pool check of a confidential guest. The arguments are
/// the guest physical address and the length in bytes.
/// </summary>
internal delegate bool BufferCheck(ulong guestAddress, uint length);

/// <summary>The guest memory that QEMU shares, at most eight regions. Addresses are looked up and checked at every use.</summary>
internal sealed class GuestMemory(IReadOnlyList<GuestRegion> regions, BufferCheck? allowed) : IDisposable
{
    private readonly GuestRegion[] _regions = [.. regions];

    /// <summary>A range of guest physical memory.</summary>
    /// <exception cref="VirtqueueException">The range leaves its region, or the check refuses it.</exception>
    public MemoryRange Resolve(ulong guestAddress, uint length)
    {
        if (allowed is not null && !allowed(guestAddress, length))
        {
            throw new VirtqueueException($"the buffer at {guestAddress:x}, {length} bytes, is outside the memory that may be shared");
        }

        foreach (GuestRegion region in _regions)
        {
            ulong offset = unchecked(guestAddress - region.GuestAddress);
            if (offset < region.Mapping.Length && length <= region.Mapping.Length - offset && length <= int.MaxValue)
            {
                return new MemoryRange(region.Mapping, offset, (int)length);
            }
        }

        throw new VirtqueueException($"the buffer at {guestAddress:x}, {length} bytes, is outside guest memory");
    }

    /// <summary>A range named by QEMU's own addresses (SET_VRING_ADDR).</summary>
    /// <exception cref="VirtqueueException">The range leaves its region.</exception>
    public MemoryRange ResolveUser(ulong userAddress, int length)
    {
        foreach (GuestRegion region in _regions)
        {
            ulong offset = unchecked(userAddress - region.UserAddress);
            if (offset < region.Mapping.Length && (ulong)length <= region.Mapping.Length - offset)
            {
                return new MemoryRange(region.Mapping, offset, length);
            }
        }

        throw new VirtqueueException("a ring is outside guest memory");
    }

    public void Dispose()
    {
        foreach (GuestRegion region in _regions)
        {
            region.Mapping.Dispose();
        }
    }
}

/// <summary>A checked range of shared memory.</summary>
internal readonly record struct MemoryRange(SharedMapping Mapping, ulong Offset, int Length)
{
    public Span<byte> Span => Mapping.Slice(Offset, Length);
}
