using System.Collections.Immutable;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;

namespace Pavise.Policy.State;

/// <summary>Life of a container (OCI runtime specification, State; paused beside it).</summary>
public enum ContainerStatus
{
    /// <summary>Created, its program not started.</summary>
    Created,
    /// <summary>Running.</summary>
    Running,
    /// <summary>Frozen.</summary>
    Paused,
    /// <summary>Its first process has ended.</summary>
    Stopped,
}

/// <summary>One container of this boot.</summary>
public sealed record ContainerState
{
    /// <summary>The orchestrator's id.</summary>
    public required string Id { get; init; }
    /// <summary>The policy's entry.</summary>
    public required ContainerEntry Entry { get; init; }
    /// <summary>Where it is in its life.</summary>
    public required ContainerStatus Status { get; init; }
    /// <summary>Files that the host still has to bring.</summary>
    public required ImmutableHashSet<WantedFile> Wanted { get; init; }
    /// <summary>Every file that the host may bring before the start.</summary>
    public required ImmutableDictionary<WantedFile, HostFilePlan> Files { get; init; }
    /// <summary>Its execs that were not removed.</summary>
    public ImmutableDictionary<string, ExecState> Execs { get; init; } = ImmutableDictionary.Create<string, ExecState>(StringComparer.Ordinal);
    /// <summary>Templates of the policy's execs, by their position.</summary>
    internal ImmutableArray<ExecTemplate> Templates { get; init; } = [];

    /// <summary>Environment of its first process, NAME=value.</summary>
    internal ImmutableArray<string> Env { get; init; } = [];

    /// <summary>Whether an exec carries an owner's session; no program runs then.</summary>
    public bool IsSession(string execId) => execId.Length > 0 && Execs.TryGetValue(execId, out ExecState? exec) && exec.IsSession;

    /// <summary>Whether it counts as an instance.</summary>
    public bool IsLive => Status != ContainerStatus.Stopped;

    internal static ContainerState From(ContainerPlan plan)
    {
        ContainerEntry entry = plan.Source!;
        ImmutableDictionary<WantedFile, HostFilePlan> files = plan.Mounts
            .SelectMany(m => m.Files.Select(f => KeyValuePair.Create(new WantedFile(m.Destination, f.Name), f)))
            .ToImmutableDictionary();
        return new()
        {
            Id = plan.ContainerId,
            Entry = entry,
            Status = ContainerStatus.Created,
            Files = files,
            Wanted = [.. files.Keys],
            Env = plan.Process.Env,
            Templates = [.. entry.Exec.Select(e => new ExecTemplate(entry, e, plan.Process.Env))],
        };
    }
}

/// <summary>A file that the host brings.</summary>
/// <param name="Mount">Destination of its mount.</param>
/// <param name="Name">Name below it; empty when the mount is the file itself.</param>
public readonly record struct WantedFile(string Mount, string Name);

/// <summary>One exec that was not removed.</summary>
/// <param name="Stdio">Where its streams lead.</param>
/// <param name="Running">Whether it has not ended.</param>
public sealed record ExecState(StdioPlan Stdio, bool Running)
{
    /// <summary>Whether it carries an owner's session.</summary>
    public bool IsSession { get; init; }
}

/// <summary>What has become of one entry of the policy in this boot.</summary>
/// <param name="Created">How many containers were made from it; one that never started and was removed does not count.</param>
/// <param name="Started">How many were started.</param>
/// <param name="Ended">How many ended.</param>
/// <param name="LastExit">Exit status of the one that ended last.</param>
public readonly record struct EntryHistory(int Created, int Started, int Ended, int LastExit);
