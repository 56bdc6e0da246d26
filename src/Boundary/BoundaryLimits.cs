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
}
