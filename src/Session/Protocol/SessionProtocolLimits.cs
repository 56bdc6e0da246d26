namespace Pavise.Session.Protocol;

/// <summary>The maximum of everything in an owner session, each with its reason.</summary>
public static class SessionProtocolLimits
{
    /// <summary>The version that is spoken.</summary>
    public const uint Version = 1;

    /// <summary>Bytes of a nonce.</summary>
    public const int NonceBytes = 32;

    /// <summary>Bytes of data in one message: what a pipe holds.</summary>
    public const int DataBytes = 64 * 1024;

    /// <summary>Bytes of a message of the owner: Linux limits an argument to 128 KiB, and a shell's command line is one.</summary>
    public const int ClientFrameBytes = 256 * 1024;

    /// <summary>Bytes of a message of the guest: evidence with its certificates, or a page of the audit.</summary>
    public const int ServerFrameBytes = 512 * 1024;

    /// <summary>Bytes of standard input that an owner may send before the process has read them: the guest never waits for the process while the owner has a signal to send.</summary>
    public const int InputWindow = 256 * 1024;

    /// <summary>Entries of one page of the audit: 4 KiB each at most.</summary>
    public const int AuditPageEntries = 64;

    /// <summary>Arguments and variables of an exec: far above a shell's use.</summary>
    public const int Arguments = 4096;

    /// <summary>Frames that were read and wait for the request that takes them.</summary>
    public const int WaitingFrames = 8;

    /// <summary>How long the handshake, the greeting, and each first request may take.</summary>
    public static readonly TimeSpan Handshake = TimeSpan.FromSeconds(20);

    /// <summary>How often an owner says that it is there.</summary>
    public static readonly TimeSpan Ping = TimeSpan.FromSeconds(15);

    /// <summary>After so long without a word the peer is taken for gone: four pings.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);

    /// <summary>How long a session may last at most: a working day and some.</summary>
    public static readonly TimeSpan Total = TimeSpan.FromHours(24);
}
