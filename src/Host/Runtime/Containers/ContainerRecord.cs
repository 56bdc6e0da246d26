using System.Text.Json.Serialization;

namespace Pavise.Host.Runtime.Containers;

/// <summary>What the runtime keeps of a container between its commands: <c>state.json</c>.</summary>
internal sealed record ContainerRecord
{
    public required string Id { get; init; }

    public required string OciVersion { get; init; }

    public required string Bundle { get; init; }

    /// <summary>Directory of its pVM.</summary>
    public required string Sandbox { get; init; }

    public required string Machine { get; init; }

    public required bool Shielded { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required bool Terminal { get; init; }

    /// <summary>Pid of the host process that stands for the container's first process.</summary>
    public int Pid { get; init; }

    /// <summary>Start time of that process in clock ticks, so that a reused pid is not taken for it.</summary>
    public ulong PidStartTicks { get; init; }

    public bool Started { get; init; }

    public bool Paused { get; init; }

    /// <summary>Whether it stands for a pod: nothing of it runs inside a pVM.</summary>
    public bool IsPod { get; init; }

    /// <summary>Id of the container that stands for its pod, or null when it is in none.</summary>
    public string? Pod { get; init; }

    /// <summary>SHA-256 of the policy that the pod's pVM is bound to; null until the pVM was started, and for other containers.</summary>
    public string? PolicyDigest { get; init; }

    public Dictionary<string, string> Annotations { get; init; } = [];
}

/// <summary>How a container's first process ended: <c>exit.json</c>, written by its host process.</summary>
internal sealed record ExitRecord(int Status, DateTimeOffset At, string? Failure);

/// <summary>The state that the OCI runtime specification defines (runtime.md, State).</summary>
internal sealed record OciState(string OciVersion, string Id, string Status, int Pid, string Bundle, Dictionary<string, string> Annotations);

/// <summary>One row of <c>list --format json</c>, in runc's shape.</summary>
internal sealed record ListRow(string OciVersion, string Id, int Pid, string Status, string Bundle, string Rootfs, DateTimeOffset Created, Dictionary<string, string> Annotations, string Owner);

/// <summary>JSON without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(ContainerRecord))]
[JsonSerializable(typeof(ExitRecord))]
[JsonSerializable(typeof(OciState))]
[JsonSerializable(typeof(List<ListRow>))]
[JsonSerializable(typeof(List<int>))]
[JsonSerializable(typeof(List<ImageCache.CacheEntry>))]
internal sealed partial class RuntimeJson : JsonSerializerContext;
