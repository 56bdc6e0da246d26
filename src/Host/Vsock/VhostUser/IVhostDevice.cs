using Pavise.Host.Vsock.Virtio;

namespace Pavise.Host.Vsock.VhostUser;

/// <summary>What a <see cref="VhostSession"/> drives.</summary>
internal interface IVhostDevice
{
    /// <summary>A ring runs, or its interrupt has changed. Its kick may have been missed: it must be looked at.</summary>
    void RingStarted(int index, RingState ring, GuestMemory memory);

    /// <summary>A ring is about to stop; it must not be used after the return.</summary>
    void RingStopped(int index, RingState ring);

    /// <summary>Runs <paramref name="change"/> while nobody uses a ring or guest memory.</summary>
    void Exclusively(Action change);
}
