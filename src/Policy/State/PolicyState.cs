using System.Collections.Immutable;
using Pavise.Policy.Plans;

namespace Pavise.Policy.State;

/// <summary>What has happened in this boot, as far as decisions depend on it. Immutable.</summary>
public sealed record PolicyState
{
    /// <summary>Nothing has happened.</summary>
    public static PolicyState Empty { get; } = new();

    /// <summary>Whether Bind was carried out.</summary>
    public bool Bound { get; init; }
    /// <summary>The host name that the host chose for the sandbox; empty if it did not.</summary>
    public string Hostname { get; init; } = "";
    /// <summary>Whether the clock was set.</summary>
    public bool ClockSet { get; init; }
    /// <summary>Whether the key broker's signed time was taken: the host has no say from then on.</summary>
    public bool ClockFromBroker { get; init; }
    /// <summary>The time that was first set, or last taken from the key broker, and the monotonic clock then, both in nanoseconds: all the host's corrections are measured from there.</summary>
    public (long UnixNs, long ElapsedNs) ClockBase { get; init; }
    /// <summary>Whether the pVM is going down.</summary>
    public bool Ending { get; init; }
    /// <summary>Root images that are open.</summary>
    public ImmutableHashSet<RootHash> Attached { get; init; } = [];
    /// <summary>Encrypted volumes that are open, by name.</summary>
    public ImmutableHashSet<string> Volumes { get; init; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
    /// <summary>Containers that were not removed, by id.</summary>
    public ImmutableDictionary<string, ContainerState> Containers { get; init; } = ImmutableDictionary.Create<string, ContainerState>(StringComparer.Ordinal);
    /// <summary>History of the policy's entries, by their position.</summary>
    public ImmutableDictionary<int, EntryHistory> History { get; init; } = ImmutableDictionary<int, EntryHistory>.Empty;
    /// <summary>Ids that can never be used again.</summary>
    internal UsedIds Used { get; init; } = UsedIds.None;

    /// <summary>The state after a plan was carried out successfully.</summary>
    public PolicyState After(Plan plan) => plan switch
    {
        ContainerPlan p => Created(p),
        ExecPlan p => With(p.ContainerId, c => c with { Execs = c.Execs.SetItem(p.ExecId, new(p.Process.Stdio, true)) }) with { Used = Used.Add(IdKinds.Exec, p.ContainerId, p.ExecId) },
        SessionPlan p => With(p.ContainerId, c => c with { Execs = c.Execs.SetItem(p.ExecId, new(SessionPlan.Stdio, true) { IsSession = true }) }) with { Used = Used.Add(IdKinds.Exec, p.ContainerId, p.ExecId) },
        SubjectPlan { Point: DecisionPoint.StartContainer } p => Started(p.ContainerId),
        SubjectPlan { Point: DecisionPoint.PauseContainer } p => With(p.ContainerId, c => c with { Status = ContainerStatus.Paused }),
        SubjectPlan { Point: DecisionPoint.ResumeContainer } p => With(p.ContainerId, c => c with { Status = ContainerStatus.Running }),
        DeletePlan { ExecId: "" } p => Deleted(p.ContainerId),
        DeletePlan p => With(p.ContainerId, c => c with { Execs = c.Execs.Remove(p.ExecId) }),
        PutFilePlan p => With(p.ContainerId, c => c with { Wanted = c.Wanted.Remove(new(p.Mount, p.Name)) }),
        AttachImagePlan p => this with { Attached = Attached.Add(p.Root) },
        AttachVolumePlan p => this with { Volumes = Volumes.Add(p.Volume.Name) },
        SandboxPlan p => this with { Hostname = p.Hostname },
        ClockPlan p => this with
        {
            ClockSet = true,
            ClockFromBroker = ClockFromBroker || p.FromBroker,
            ClockBase = ClockSet && !p.FromBroker ? ClockBase : (p.UnixNs, p.ElapsedNs),
        },
        ShutdownPlan => this with { Ending = true },
        { Point: DecisionPoint.Bind } => this with { Bound = true },
        _ => this,
    };

    /// <summary>The state after a container's first process (empty exec id) or an exec has ended.</summary>
    /// <param name="containerId">Container.</param>
    /// <param name="execId">Exec, or empty.</param>
    /// <param name="exitStatus">0 to 255; 128 + n for signal n.</param>
    public PolicyState AfterExit(string containerId, string execId, int exitStatus)
    {
        if (!Containers.TryGetValue(containerId, out ContainerState? container))
        {
            return this;
        }

        if (execId.Length > 0)
        {
            return container.Execs.TryGetValue(execId, out ExecState? exec)
                ? With(containerId, c => c with { Execs = c.Execs.SetItem(execId, exec with { Running = false }) })
                : this;
        }

        if (!container.IsLive)
        {
            return this;
        }

        // What never ran has not ended: a signal to a created container must not open what comes after its end.
        PolicyState stopped = With(containerId, c => c with { Status = ContainerStatus.Stopped });
        return container.Status == ContainerStatus.Created ? stopped : stopped.Remember(container.Entry.Index, h => h with { Ended = h.Ended + 1, LastExit = exitStatus });
    }

    private PolicyState Created(ContainerPlan plan)
    {
        ContainerState container = ContainerState.From(plan);
        return (this with
        {
            Containers = Containers.SetItem(plan.ContainerId, container),
            Used = Used.Add(IdKinds.Container, "", plan.ContainerId),
        }).Remember(container.Entry.Index, h => h with { Created = h.Created + 1 });
    }

    private PolicyState Started(string id) =>
        Containers.TryGetValue(id, out ContainerState? container)
            ? With(id, c => c with { Status = ContainerStatus.Running }).Remember(container.Entry.Index, h => h with { Started = h.Started + 1 })
            : this;

    private PolicyState Deleted(string id)
    {
        if (!Containers.TryGetValue(id, out ContainerState? container))
        {
            return this;
        }

        PolicyState without = this with { Containers = Containers.Remove(id) };
        return container.Status switch
        {
            ContainerStatus.Created => without.Remember(container.Entry.Index, h => h with { Created = h.Created - 1 }),
            ContainerStatus.Stopped => without,
            _ => without.Remember(container.Entry.Index, h => h with { Ended = h.Ended + 1, LastExit = 128 + SignalNames.Kill }),
        };
    }

    private PolicyState With(string id, Func<ContainerState, ContainerState> change) =>
        Containers.TryGetValue(id, out ContainerState? container) ? this with { Containers = Containers.SetItem(id, change(container)) } : this;

    private PolicyState Remember(int entry, Func<EntryHistory, EntryHistory> change) =>
        this with { History = History.SetItem(entry, change(History.GetValueOrDefault(entry))) };
}

/// <summary>Kinds of ids: the same text may name a container and an exec.</summary>
internal static class IdKinds
{
    public const string Container = "container";
    public const string Exec = "exec";
}
