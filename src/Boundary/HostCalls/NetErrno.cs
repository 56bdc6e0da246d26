using System.Collections.Frozen;

namespace Pavise.Boundary.HostCalls;

/// <summary>Linux error numbers that a network host call may answer.</summary>
public static class NetErrno
{
    /// <summary>ENOENT: there is no such name.</summary>
    public const int NoName = 2;

    /// <summary>EAGAIN: the name could not be resolved now.</summary>
    public const int Again = 11;

    /// <summary>EACCES.</summary>
    public const int Access = 13;

    /// <summary>EINVAL: the port is not open.</summary>
    public const int Invalid = 22;

    /// <summary>EADDRINUSE.</summary>
    public const int AddressInUse = 98;

    /// <summary>ENETUNREACH.</summary>
    public const int NetworkUnreachable = 101;

    /// <summary>ECONNRESET.</summary>
    public const int Reset = 104;

    /// <summary>ETIMEDOUT.</summary>
    public const int TimedOut = 110;

    /// <summary>ECONNREFUSED.</summary>
    public const int Refused = 111;

    /// <summary>EHOSTUNREACH.</summary>
    public const int HostUnreachable = 113;

    private static readonly FrozenSet<int> OfConnect = FrozenSet.Create(Access, NetworkUnreachable, Reset, TimedOut, Refused, HostUnreachable);

    /// <summary>The error that an answer may carry; what the host may not say becomes the one that says least.</summary>
    public static int Allowed(NetOperation operation, int errno) => operation switch
    {
        _ when errno == 0 => 0,
        NetOperation.Resolve => errno == NoName ? NoName : Again,
        NetOperation.Listen => errno is AddressInUse or Access ? errno : Invalid,
        NetOperation.Connect => OfConnect.Contains(errno) ? errno : HostUnreachable,
        _ => Invalid,
    };
}
