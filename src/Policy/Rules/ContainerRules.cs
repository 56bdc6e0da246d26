using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Policy.Rules;

/// <summary>StartContainer, PutFile, ListProcesses, ReadStats, PauseContainer, ResumeContainer, UpdateResources, DeleteContainer.</summary>
internal static class ContainerRules
{
    public static Rule<StartContainer>[] Start { get; } =
    [
        new("StartContainer.exists", (in Case<StartContainer> c) => Lookups.Missing(c, c.Request.ContainerId)),
        new("StartContainer.created", (in Case<StartContainer> c) => State(c, c.Request.ContainerId, ContainerStatus.Created)),
        new("StartContainer.files", (in Case<StartContainer> c) => c.Container(c.Request.ContainerId)! is { Wanted.IsEmpty: false } container
            ? c.Refuse($"{container.Entry.RulePath}.mounts", $"the file {Shown(container.Wanted.Order(WantedOrder).First())} was not brought", kind: RefusalKind.State) : null),
        new("StartContainer.volumes", (in Case<StartContainer> c) => VolumeRules.Unattached(c)),
        new("StartContainer.after", (in Case<StartContainer> c) => After(c)),
    ];

    public static Rule<PutFile>[] PutFile { get; } =
    [
        new("PutFile.exists", (in Case<PutFile> c) => Lookups.Missing(c, c.Request.ContainerId)),
        new("PutFile.created", (in Case<PutFile> c) => State(c, c.Request.ContainerId, ContainerStatus.Created)),
        new("PutFile.declared", (in Case<PutFile> c) => File(c) is null
            ? c.Refuse($"{c.Container(c.Request.ContainerId)!.Entry.RulePath}.mounts", $"no file {Lookups.Shown(c.Request.Mount)} {Lookups.Shown(c.Request.Name)} is expected from the host") : null),
        new("PutFile.once", (in Case<PutFile> c) => File(c) is not null && !c.Container(c.Request.ContainerId)!.Wanted.Contains(new(c.Request.Mount, c.Request.Name))
            ? c.Refuse($"{c.Container(c.Request.ContainerId)!.Entry.RulePath}.mounts", "the file was brought already", kind: RefusalKind.State) : null),
        new("PutFile.size", (in Case<PutFile> c) => File(c) is { } file && c.Request.Length > file.MaxBytes
            ? c.Refuse($"{c.Container(c.Request.ContainerId)!.Entry.RulePath}.mounts", $"the file has {c.Request.Length} bytes, at most {file.MaxBytes} are accepted") : null),
        new("PutFile.digest", (in Case<PutFile> c) => File(c) is { Sha256Hex: { } pinned } && pinned != Convert.ToHexStringLower(c.Request.Sha256.Span)
            ? c.Refuse($"{c.Container(c.Request.ContainerId)!.Entry.RulePath}.mounts", "the file's content is not the one that the policy pins", "pin the digest of the content you mean") : null),
    ];

    public static Rule<ListProcesses>[] List { get; } =
    [
        new("ListProcesses.exists", (in Case<ListProcesses> c) => Lookups.Missing(c, c.Request.ContainerId)),
        new("ListProcesses.disclosed", (in Case<ListProcesses> c) => c.Policy.Host.Processes == ProcessDisclosure.None ? c.Refuse("host.processes", "the host sees no processes", "write host: { processes: count } or names") : null),
    ];

    public static Rule<ReadStats>[] Stats { get; } =
    [
        new("ReadStats.exists", (in Case<ReadStats> c) => Lookups.Missing(c, c.Request.ContainerId)),
        new("ReadStats.disclosed", (in Case<ReadStats> c) => c.Policy.Host.Stats == StatsDisclosure.None ? c.Refuse("host.stats", "the host sees no resource use", "write host: { stats: coarse } or exact") : null),
    ];

    public static Rule<PauseContainer>[] Pause { get; } =
    [
        new("PauseContainer.exists", (in Case<PauseContainer> c) => Lookups.Missing(c, c.Request.ContainerId)),
        new("PauseContainer.permitted", (in Case<PauseContainer> c) => c.Policy.Host.Pause ? null : c.Refuse("host.pause", "the host may not freeze containers", "write host: { pause: allow }")),
        new("PauseContainer.running", (in Case<PauseContainer> c) => State(c, c.Request.ContainerId, ContainerStatus.Running)),
    ];

    public static Rule<ResumeContainer>[] Resume { get; } =
    [
        new("ResumeContainer.exists", (in Case<ResumeContainer> c) => Lookups.Missing(c, c.Request.ContainerId)),
        new("ResumeContainer.permitted", (in Case<ResumeContainer> c) => c.Policy.Host.Pause ? null : c.Refuse("host.pause", "the host may not thaw containers", "write host: { pause: allow }")),
        new("ResumeContainer.paused", (in Case<ResumeContainer> c) => State(c, c.Request.ContainerId, ContainerStatus.Paused)),
    ];

    public static Rule<UpdateResources>[] Update { get; } =
    [
        new("UpdateResources.exists", (in Case<UpdateResources> c) => Lookups.Missing(c, c.Request.ContainerId)),
        new("UpdateResources.permitted", (in Case<UpdateResources> c) => c.Policy.Host.Resize is null ? c.Refuse("host.resize", "the host may not change limits", "write host: { resize: { maxMemory: … } }") : null),
        new("UpdateResources.live", (in Case<UpdateResources> c) => c.Container(c.Request.ContainerId)!.IsLive ? null : c.Refuse("host.resize", "the container has ended", kind: RefusalKind.State)),
        new("UpdateResources.maximum", (in Case<UpdateResources> c) => c.Policy.Host.Resize is { } most && ResourceLimits.Above(c.Request.Resources, most) is { } what
            ? c.Refuse("host.resize", $"{what} is above the policy's maximum, or has none there", "raise the maximum under host.resize") : null),
    ];

    public static Rule<DeleteContainer>[] Delete { get; } =
    [
        new("DeleteContainer.exists", (in Case<DeleteContainer> c) => Lookups.Missing(c, c.Request.ContainerId, c.Request.ExecId)),
        new("DeleteContainer.ended", (in Case<DeleteContainer> c) => MustKill(c) && !c.Request.Force
            ? c.Refuse("containers", $"container {Lookups.Shown(c.Request.ContainerId)} has not ended", kind: RefusalKind.State) : null),
        new("DeleteContainer.kill", (in Case<DeleteContainer> c) =>
        {
            ContainerEntry entry = c.Container(c.Request.ContainerId)!.Entry;
            return MustKill(c) && !c.Container(c.Request.ContainerId)!.IsSession(c.Request.ExecId) && ((entry.Signals >> (SignalNames.Kill - 1)) & 1) == 0 ? c.Refuse($"{entry.RulePath}.signals", "removing it would need the signal KILL, which is not listed", "add KILL to signals") : null;
        }),
    ];

    private static readonly IComparer<WantedFile> WantedOrder = Comparer<WantedFile>.Create((a, b) => string.CompareOrdinal(a.Mount + "/" + a.Name, b.Mount + "/" + b.Name));

    /// <summary>Whether something runs that a removal would end. A container that was never started has nothing to end.</summary>
    public static bool MustKill(in Case<DeleteContainer> c)
    {
        ContainerState container = c.Container(c.Request.ContainerId)!;
        return c.Request.ExecId.Length == 0 ? container.Status is ContainerStatus.Running or ContainerStatus.Paused : container.Execs[c.Request.ExecId].Running;
    }

    private static HostFilePlan? File(in Case<PutFile> c) => c.Container(c.Request.ContainerId)!.Files.GetValueOrDefault(new(c.Request.Mount, c.Request.Name));

    public static Refusal? State<TRequest>(in Case<TRequest> c, string id, ContainerStatus wanted) where TRequest : Request
    {
        ContainerState container = c.Container(id)!;
        return container.Status == wanted ? null : c.Refuse(container.Entry.RulePath, $"container {Lookups.Shown(id)} is {container.Status.ToString().ToLowerInvariant()}, not {wanted.ToString().ToLowerInvariant()}", kind: RefusalKind.State);
    }

    private static Refusal? After(in Case<StartContainer> c)
    {
        ContainerEntry entry = c.Container(c.Request.ContainerId)!.Entry;
        foreach (AfterEntry condition in entry.After)
        {
            EntryHistory history = c.State.History.GetValueOrDefault(condition.Container);
            bool met = condition.State switch
            {
                AfterState.Started => history.Started > 0,
                AfterState.Running => c.State.Containers.Values.Any(o => o.Entry.Index == condition.Container && o.Status == ContainerStatus.Running),
                AfterState.Ended => history.Ended > 0,
                _ => history.Ended > 0 && history.LastExit == 0,
            };
            if (!met)
            {
                return c.Refuse($"{entry.RulePath}.after", $"container {condition.Name} has not {condition.State.ToString().ToLowerInvariant()} yet", kind: RefusalKind.Policy);
            }
        }

        return null;
    }

    private static string Shown(WantedFile file) => Lookups.Shown(file.Name.Length == 0 ? file.Mount : $"{file.Mount}/{file.Name}");
}
