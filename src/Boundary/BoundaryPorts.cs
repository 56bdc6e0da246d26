namespace Pavise.Boundary;

/// <summary>
/// The vsock ports of the boundary. One connection per activity. On the <c>process</c> machine each is a Unix socket:
/// <c>guest-PORT.sock</c> (the guest listens) or <c>host-PORT.sock</c> (the visor listens) in the sandbox directory;
/// on a VM the visor offers the same <c>guest-PORT.sock</c> files and relays them to the guest's vsock ports.
/// </summary>
public static class BoundaryPorts
{
    /// <summary>Guest context id. Every visor has a vsock device of its own, so the number need not differ between pVMs.</summary>
    public const uint GuestCid = 3;

    /// <summary>The host's well-known context id (VMADDR_CID_HOST).</summary>
    public const uint HostCid = 2;

    /// <summary>Host to guest: the guest API over ttrpc.</summary>
    public const uint Control = 1024;

    /// <summary>Host to guest: one stdin, stdout or stderr of one process, after a <see cref="StreamHeader"/>.</summary>
    public const uint Stream = 1025;

    /// <summary>Host to guest: owner session bytes.</summary>
    public const uint Session = 1026;

    /// <summary>Guest to host: network host calls.</summary>
    public const uint HostCallNet = 2048;

    /// <summary>Guest to host: file host calls.</summary>
    public const uint HostCallFile = 2049;

    /// <summary>Guest to host: a stream to the key broker.</summary>
    public const uint HostCallBroker = 2050;

    /// <summary>Guest to host: simulated evidence (development guest image only).</summary>
    public const uint HostCallTee = 2051;

    /// <summary>Name of the Unix socket that stands for a guest port in a sandbox directory.</summary>
    public static string GuestSocketName(uint port) => $"guest-{port}.sock";

    /// <summary>Name of the Unix socket that stands for a host port in a sandbox directory (process machine).</summary>
    public static string HostSocketName(uint port) => $"host-{port}.sock";
}
