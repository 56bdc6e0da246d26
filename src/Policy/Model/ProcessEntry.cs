using System.Collections.Immutable;
using Pavise.Policy.Matching;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Model;

/// <summary>One argument: an exact text, or an expression that the host's value must match.</summary>
/// <param name="Text">The exact text; empty with an expression.</param>
/// <param name="Matches">The expression, or null.</param>
public sealed record ArgEntry(string Text, Pattern? Matches)
{
    /// <summary>Whether the host's argument is admitted.</summary>
    public bool Admits(string value) => Matches is null ? value == Text : Matches.IsMatch(value);

    /// <inheritdoc/>
    public override string ToString() => Matches is null ? Text : $"{{matches: {Matches.Text}}}";
}

/// <summary>One environment variable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">The pinned value; for a hole the default, or null.</param>
/// <param name="FromHost">A hole: the host's value is used.</param>
/// <param name="Matches">What the host's value must match; null: anything.</param>
/// <param name="Required">The host must give a value.</param>
public sealed record EnvEntry(string Name, string? Value, bool FromHost, Pattern? Matches, bool Required)
{
    /// <summary>NAME=value of the pinned value or default, or null.</summary>
    public string? Assignment { get; } = Value is null ? null : $"{Name}={Value}";

    /// <summary>Resources of the key broker that the host's sealed value may use; empty where the value is not sealed.</summary>
    public ImmutableArray<string> Sealed { get; init; } = [];
}

/// <summary>The process of a container: what selects it, and what is pinned.</summary>
public sealed record ProcessEntry
{
    /// <summary>Argument vector, at least one.</summary>
    public required ImmutableArray<ArgEntry> Args { get; init; }
    /// <summary>Environment, sorted by name.</summary>
    public required ImmutableArray<EnvEntry> Env { get; init; }
    /// <summary>Working directory.</summary>
    public required string Cwd { get; init; }
    /// <summary>User id.</summary>
    public required uint Uid { get; init; }
    /// <summary>Group id.</summary>
    public required uint Gid { get; init; }
    /// <summary>Supplementary groups.</summary>
    public required ImmutableArray<uint> AdditionalGids { get; init; }
    /// <summary>Whether it has a terminal.</summary>
    public required bool Terminal { get; init; }
    /// <summary>CAP_ names, sorted.</summary>
    public required ImmutableArray<string> Capabilities { get; init; }
    /// <summary>Whether they enter the ambient set.</summary>
    public required bool AmbientCapabilities { get; init; }
    /// <summary>Whether exec cannot grant privileges.</summary>
    public required bool NoNewPrivileges { get; init; }
    /// <summary>Resource limits.</summary>
    public required ImmutableArray<RlimitPlan> Rlimits { get; init; }
    /// <summary>File mode creation mask; null: 0022.</summary>
    public uint? Umask { get; init; }
    /// <summary>OOM score adjustment; null: 0.</summary>
    public int? OomScoreAdj { get; init; }
    /// <summary>Namespaced kernel settings.</summary>
    public required ImmutableSortedDictionary<string, string> Sysctls { get; init; }
    /// <summary>Paths made invisible.</summary>
    public required ImmutableArray<string> MaskedPaths { get; init; }
    /// <summary>Paths made read-only.</summary>
    public required ImmutableArray<string> ReadonlyPaths { get; init; }
    /// <summary>Which pins the owner wrote: strict compares the host's value with these even where it is only different.</summary>
    public required ImmutableHashSet<string> Written { get; init; }
}

/// <summary>What becomes of an exec's output.</summary>
public enum ExecOutput
{
    /// <summary>Only the exit status is heard.</summary>
    ExitCode,
    /// <summary>The host reads it.</summary>
    Host,
    /// <summary>Sealed to the owner.</summary>
    Owner,
}

/// <summary>One thing that may be run in a container. What it does not say is the container's.</summary>
/// <param name="Index">Position in the container's list.</param>
/// <param name="Process">Selecting and pinned values.</param>
/// <param name="Output">What becomes of its output.</param>
/// <param name="StdinFromHost">Whether the host writes its standard input.</param>
public sealed record ExecEntry(int Index, ProcessEntry Process, ExecOutput Output, bool StdinFromHost)
{
    /// <summary>Where its streams lead.</summary>
    public StdioPlan Stdio { get; } = new(
        StdinFromHost ? StreamTarget.Host : StreamTarget.None,
        Output switch { ExecOutput.Host => StreamTarget.Host, ExecOutput.Owner => StreamTarget.Owner, _ => StreamTarget.None },
        Process.Terminal ? StreamTarget.None : Output switch { ExecOutput.Host => StreamTarget.Host, ExecOutput.Owner => StreamTarget.Owner, _ => StreamTarget.None },
        Process.Terminal);
}
