namespace Pavise.Host.Vsock;

/// <summary>
/// The one range of guest memory whose content the host may touch: what a confidential guest shares, imitated on a machine without a TEE. Its kernel copies all
/// data for devices through this range (<c>swiotlb=…,force</c>); the guest tells where it lies when it answers Bind, as a confidential guest tells the host which pages
/// it shares. Buffers that were used before are judged then: until that moment only their outermost bounds are kept.
/// </summary>
public sealed class BouncePool
{
    private readonly Lock _lock = new();
    private ulong _low = ulong.MaxValue, _high;
    private (ulong Start, ulong End)? _range;

    /// <summary>Whether a kernel with this command line copies everything through its pool.</summary>
    public static bool IsForcedBy(string commandLine) =>
        commandLine.Split(' ').Any(w => w.StartsWith("swiotlb=", StringComparison.Ordinal) && w["swiotlb=".Length..].Split(',').Contains("force"));

    /// <summary>Whether the device may touch a buffer: guest physical address and bytes.</summary>
    public bool Allows(ulong address, uint length)
    {
        lock (_lock)
        {
            ulong end = unchecked(address + length);
            if (end < address)
            {
                return false;
            }

            if (_range is { } range)
            {
                return address >= range.Start && end <= range.End;
            }

            (_low, _high) = (Math.Min(_low, address), Math.Max(_high, end));
            return true;
        }
    }

    /// <summary>From here on only this range; what was used before must have lain in it.</summary>
    /// <exception cref="HostException">The range is none, or an earlier buffer lay elsewhere.</exception>
    public void Confine(ulong start, ulong length)
    {
        lock (_lock)
        {
            ulong end = unchecked(start + length);
            if (length == 0 || end <= start)
            {
                throw new HostException("the guest does not tell where its bounce pool lies: its kernel was not told to copy everything through one (swiotlb=…,force), or it is a production image");
            }

            if (_high > 0 && (_low < start || _high > end))
            {
                throw new HostException($"the guest shared memory at {_low:x} to {_high:x}, outside its bounce pool at {start:x} to {end:x}");
            }

            _range = (start, end);
        }
    }
}
