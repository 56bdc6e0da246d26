namespace Pavise.Host.Vsock;

/// <summary>Where a connection is.</summary>
internal enum ConnectionPhase
{
    /// <summary>The guest has been asked and has not answered.</summary>
    Connecting,

    /// <summary>Bytes may flow.</summary>
    Open,

    /// <summary>The host's side is finished; the guest has not said its last word.</summary>
    Lingering,

    /// <summary>Forgotten by the device; what arrived can still be read.</summary>
    Gone,
}

/// <summary>
/// One connection. Two locks: <see cref="Gate"/> guards what arrives and the phase, the <see cref="GuestLink"/>'s lock what leaves; the
/// link's lock is never taken while the gate is held.
/// </summary>
internal sealed class VsockConnection(uint guestPort, uint hostPort)
{
    public uint GuestPort { get; } = guestPort;

    public uint HostPort { get; } = hostPort;

    public ulong Key => KeyOf(GuestPort, HostPort);

    public Lock Gate { get; } = new();

    // What arrives, under Gate.
    public ConnectionPhase Phase { get; set; }
    public ReceiveBuffer Received { get; } = new();
    public Signal Readable { get; } = new();
    public bool GuestSendsNoMore { get; private set; }

    /// <summary>What the guest has said by SHUTDOWN. Used by the device's thread only.</summary>
    public uint GuestShutdown { get; set; }

    /// <summary>Whether the guest closed everything at once, without having ended its own half before: it broke off.</summary>
    public volatile bool BrokenOff;

    public TaskCompletionSource? Established { get; set; }
    public VsockException? ReadFailure { get; private set; }

    /// <summary>Bytes taken by the host's side: the fwd_cnt of every packet. Written under Gate, read anywhere.</summary>
    public uint ForwardCount;

    // What leaves, under the link's lock.
    public Signal Writable { get; } = new();
    public uint Sent { get; set; }
    public uint GuestForwardCount { get; set; }
    public uint GuestBuffer { get; set; }
    public bool CreditAsked { get; set; }

    /// <summary>The fwd_cnt that the guest was last told. Written under the link's lock, read anywhere.</summary>
    public uint ToldForwardCount;

    /// <summary>Why nothing can be sent any more. Written under the link's lock.</summary>
    public VsockException? WriteFailure { get; set; }

    /// <summary>Bytes that the guest's buffer has room for (virtio 1.2, section 5.10.6.3).</summary>
    public int Credit
    {
        get
        {
            uint inFlight = unchecked(Sent - GuestForwardCount);
            return inFlight >= GuestBuffer ? 0 : (int)Math.Min(GuestBuffer - inFlight, int.MaxValue);
        }
    }

    public bool OwesCredit => unchecked(Volatile.Read(ref ForwardCount) - Volatile.Read(ref ToldForwardCount)) >= VsockLimits.CreditStep;

    public static ulong KeyOf(uint guestPort, uint hostPort) => ((ulong)guestPort << 32) | hostPort;

    /// <summary>Under Gate: nothing more arrives. The first reason counts; null is an orderly end.</summary>
    public void EndReading(VsockException? failure)
    {
        if (!GuestSendsNoMore)
        {
            GuestSendsNoMore = true;
            ReadFailure = failure;
        }

        Readable.Set();
    }
}
