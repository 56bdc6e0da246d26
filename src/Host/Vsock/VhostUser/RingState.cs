using Pavise.Host.Interop;
using Pavise.Host.Vsock.Virtio;

namespace Pavise.Host.Vsock.VhostUser;

/// <summary>What the front end has said of one ring.</summary>
internal sealed class RingState : IDisposable
{
    public int Size { get; set; }

    public RingAddresses? Addresses { get; set; }

    /// <summary>Index of the first chain to take.</summary>
    public ushort Base { get; set; }

    public bool Enabled { get; set; }

    /// <summary>The driver's kick. The ring runs from its arrival.</summary>
    public EventDescriptor? Kick { get; set; }

    /// <summary>Interrupts the guest; null while the front end wants none.</summary>
    public EventDescriptor? Call { get; set; }

    /// <summary>The running ring.</summary>
    public SplitRing? Running { get; set; }

    public bool IsComplete => Enabled && Kick is not null && Addresses is not null && Size > 0;

    public void Dispose()
    {
        Kick?.Dispose();
        Call?.Dispose();
        (Kick, Call) = (null, null);
    }
}
