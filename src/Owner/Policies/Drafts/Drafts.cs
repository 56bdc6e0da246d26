using Pavise.Owner.Policies.Generation;
namespace Pavise.Owner.Policies.Drafts;

/// <summary>A policy before it is written, with the comments that a human needs.</summary>
internal sealed class PolicyDraft
{
    public required string Name { get; init; }
    public required long Version { get; init; }
    public List<string> Header { get; } = [];
    public DraftValue? Hostname { get; set; }
    public bool AnyHostname { get; set; }
    public required string Memory { get; set; }
    public required string MemoryComment { get; set; }
    public required string Cpus { get; set; }
    public List<ContainerDraft> Containers { get; } = [];
    public SortedDictionary<string, VolumeDraft> Volumes { get; } = new(StringComparer.Ordinal);
    public List<SecretDraft> Secrets { get; } = [];
    public SortedDictionary<int, string> Ingress { get; } = [];
    public List<string> NetworkComments { get; } = [];
}

/// <summary>One container.</summary>
internal sealed class ContainerDraft
{
    public required string Name { get; init; }
    public required ImageFacts Image { get; init; }
    public int Restarts { get; set; }
    public string RestartComment { get; set; } = "";
    public List<(string Container, string State)> After { get; } = [];
    public List<DraftValue> Args { get; } = [];
    public SortedDictionary<string, EnvDraft> Env { get; } = new(StringComparer.Ordinal);
    public string Cwd { get; set; } = "/";
    public uint Uid { get; set; }
    public uint Gid { get; set; }
    public SortedSet<uint> Groups { get; } = [];
    public string UserComment { get; set; } = "";
    public bool Terminal { get; set; }
    public bool Stdin { get; set; }
    public SortedSet<string> Capabilities { get; } = new(StringComparer.Ordinal);
    public string CapabilityComment { get; set; } = "";
    public bool NewPrivileges { get; set; }
    public SortedDictionary<string, string> Sysctls { get; } = new(StringComparer.Ordinal);
    public List<MountDraft> Mounts { get; } = [];
    public List<ExecDraft> Exec { get; } = [];
    public SortedSet<string> Signals { get; } = new(StringComparer.Ordinal) { "TERM", "KILL" };
    public string? MemoryLimit { get; set; }
    public string? CpuLimit { get; set; }
}

/// <summary>One variable.</summary>
/// <param name="Value">Its value, or what it must match.</param>
/// <param name="Required">The host must give it.</param>
/// <param name="Comment">Where it comes from, or empty.</param>
internal sealed record EnvDraft(DraftValue Value, bool Required = false, string Comment = "");

/// <summary>One mount.</summary>
/// <param name="Path">Where.</param>
/// <param name="Members">Its members but the path, in flow form.</param>
/// <param name="Comment">Comment, or empty.</param>
internal sealed record MountDraft(string Path, string Members, string Comment = "");

/// <summary>One volume, in flow form.</summary>
internal sealed record VolumeDraft(string Members, string Comment = "");

/// <summary>One exec.</summary>
internal sealed record ExecDraft(IReadOnlyList<DraftValue> Args, string Comment);

/// <summary>One secret: a file, or a variable.</summary>
internal sealed record SecretDraft(string Resource, string Container, string File, string Variable, string Comment);
