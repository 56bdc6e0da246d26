namespace Pavise.Boundary.Relay;

/// <summary>Constants of epoll(7) and of errno(3) that a relay reads.</summary>
internal static class RelayEvents
{
    public const uint In = 1;
    public const uint Out = 4;
    public const uint Error = 8;
    public const uint HangUp = 16;
    public const uint PeerEnd = 0x2000;
    public const uint OneShot = 1u << 30;
    public const uint Edge = 1u << 31;

    public const int Interrupted = -4;
    public const int Again = -11;
}
