namespace Pavise.Boundary.HostCalls;

/// <summary>What the guest asks of the pod's network. One connection for each.</summary>
public enum NetOperation : byte
{
    /// <summary>net.resolve: the addresses of a name.</summary>
    Resolve = 1,

    /// <summary>net.connect: a stream to an address and port; after an errno of 0 the rest of the connection is the stream's bytes.</summary>
    Connect = 2,

    /// <summary>net.listen: after an errno of 0 the port is open as long as the connection is.</summary>
    Listen = 3,

    /// <summary>net.accept: waits for a connection to an open port; the peer's address, and then the stream's bytes.</summary>
    Accept = 4,

    /// <summary>net.addresses: the addresses that the pod has on its interfaces.</summary>
    Addresses = 5,
}
