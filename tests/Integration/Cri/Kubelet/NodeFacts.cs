namespace Pavise.Cri.Kubelet;

/// <summary>What the driver says of its node and cluster.</summary>
public static class NodeFacts
{
    public const string Name = "node-1";

    public const string Address = "192.0.2.10";

    /// <summary>Address of the service <c>kubernetes</c>, which every pod hears of.</summary>
    public const string ApiServer = "10.96.0.1";

    /// <summary>Address of the cluster's name server.</summary>
    public const string NameServer = "10.96.0.10";

    public const string ClusterDomain = "cluster.local";

    /// <summary>Bytes of memory of the machine.</summary>
    public static long MemoryBytes { get; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>What a container without a limit may use at most, as the downward API has it.</summary>
    internal static decimal Capacity(string resource) => resource switch
    {
        "cpu" => Environment.ProcessorCount,
        "memory" => MemoryBytes,
        _ => 0,
    };
}
