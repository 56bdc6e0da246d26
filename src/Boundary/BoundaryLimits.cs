namespace Pavise.Boundary;

/// <summary>The maximum of everything that crosses the boundary, each with its reason.</summary>
public static class BoundaryLimits
{
    /// <summary>Bytes of one ttrpc message: the limit of containerd's own implementation (4 MiB), which the shim has to meet anyway.</summary>
    public const int TtrpcMessageBytes = 4 * 1024 * 1024;

    /// <summary>Bytes of a policy: a large real one (100 containers, 100 exec entries each) stays below 512 KiB.</summary>
    public const int PolicyBytes = 1024 * 1024;

    /// <summary>Bytes of an OCI config.json: containerd's largest (300 mounts, 1,000 variables) stay below 256 KiB.</summary>
    public const int OciSpecBytes = 1024 * 1024;

    /// <summary>Bytes of a container or exec id: containerd's limit is 76.</summary>
    public const int IdBytes = 128;

    /// <summary>Bytes of a path: Linux PATH_MAX.</summary>
    public const int PathBytes = 4096;

    /// <summary>Bytes of one PutFile piece, so that a reply never waits for more than one message's copy.</summary>
    public const int PutFileBytes = 1024 * 1024;

    /// <summary>Bytes of one file that the host brings: the limit of a Kubernetes ConfigMap or Secret.</summary>
    public const int HostFileBytes = 1024 * 1024;

    /// <summary>Requests in flight on one control connection: one WaitProcess per process, plus the orchestrator's own calls.</summary>
    public const int ConcurrentRequests = 1024;

    /// <summary>Connections a guest port keeps open at once.</summary>
    public const int Connections = 4096;

    /// <summary>Events the guest keeps for SubscribeEvents; the oldest go first.</summary>
    public const int Events = 4096;

    /// <summary>Longest wait of one SubscribeEvents, in milliseconds.</summary>
    public const int EventWaitMs = 60_000;

    /// <summary>Bytes of all requests in flight on one connection: room for several of the largest, far below the guest's memory.</summary>
    public const int TtrpcBytesInFlight = 32 * 1024 * 1024;

    /// <summary>Requests in flight on all connections of a server: waits for the processes of the largest pods, by several who wait.</summary>
    public const int ServerRequests = 8192;

    /// <summary>Bytes of all requests of a server that are read or in flight: two connections at their most. Who comes later waits.</summary>
    public const int ServerBytes = 2 * TtrpcBytesInFlight;

    /// <summary>Bytes of a host name: Linux HOST_NAME_MAX.</summary>
    public const int HostnameBytes = 64;

    /// <summary>Bytes of a file name: Linux NAME_MAX.</summary>
    public const int NameBytes = 255;

    /// <summary>Bytes of a root hash: SHA-256.</summary>
    public const int RootHashBytes = 32;

    /// <summary>Image slots of one pVM: more than any pod's containers, far below virtio-scsi's 16,384 units.</summary>
    public const int ImageSlots = 1024;

    /// <summary>4096-byte blocks of a root image: 1 TiB, above the largest images in use.</summary>
    public const ulong ImageBlocks = 1UL << 28;

    /// <summary>Columns or rows of a terminal: struct winsize holds 16 bits.</summary>
    public const int TerminalCells = ushort.MaxValue;

    /// <summary>Highest Linux signal number (SIGRTMAX).</summary>
    public const int Signals = 64;

    /// <summary>Longest grace time of Shutdown, in milliseconds: ten minutes, far above an orchestrator's.</summary>
    public const int ShutdownGraceMs = 600_000;

    /// <summary>Bytes of the text with which a stream is refused: one line for a person.</summary>
    public const int StreamRefusalBytes = 1024;

    /// <summary>Bytes of report data: as SNP and TDX define it.</summary>
    public const int ReportDataBytes = 64;

    /// <summary>Bytes of a simulated report with its certificates: an SNP report has 1,184, a TDX quote about 5,000.</summary>
    public const int ReportBytes = 64 * 1024;

    /// <summary>Bytes of a name that is resolved: RFC 1035 without the final dot.</summary>
    public const int NetNameBytes = 253;

    /// <summary>Addresses of one answer: more than any resolver hands out for one name to a stub.</summary>
    public const int NetAddresses = 16;

    /// <summary>Network connections of a pVM that are open at once, both directions together.</summary>
    public const int NetConnections = 10_000;

    /// <summary>Accepts that wait at the host for one port: each is answered by one connection, and replaced at once.</summary>
    public const int NetPendingAccepts = 16;

    /// <summary>Ports that a pVM listens on: as many as a policy can name.</summary>
    public const int NetListeners = 1024;
}
