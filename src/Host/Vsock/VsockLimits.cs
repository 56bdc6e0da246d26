namespace Pavise.Host.Vsock;

/// <summary>Limits of the vsock device, each with its reason.</summary>
internal static class VsockLimits
{
    /// <summary>Bytes the guest may send on a connection before the host's side has taken them: what Linux grants.</summary>
    public const int ReceiveBytes = 256 * 1024;

    /// <summary>Bytes taken before the guest is told: a quarter, so that it never waits while three quarters are free.</summary>
    public const int CreditStep = ReceiveBytes / 4;

    /// <summary>Bytes of a packet's payload: VIRTIO_VSOCK_MAX_PKT_BUF_SIZE of Linux.</summary>
    public const int PacketBytes = 64 * 1024;

    /// <summary>Connections at once, those counted that wait for the guest's last word: twice what the boundary promises for streams and requests, and the network's.</summary>
    public const int Connections = (2 * Boundary.BoundaryLimits.Connections) + (2 * Boundary.BoundaryLimits.NetConnections);

    /// <summary>Answers that wait for the guest's receive buffers; above it nothing more is read from the guest.</summary>
    public const int Answers = 4096;

    /// <summary>Packets from the guest that are handled before other events get their turn.</summary>
    public const int Batch = 256;

    /// <summary>First host port of outgoing connections: above all well-known ports.</summary>
    public const uint FirstEphemeralPort = 0x4000_0000;

    /// <summary>Pause after a failed accept: short for a caller, long enough not to spin while descriptors are used up.</summary>
    public static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(50);
}
