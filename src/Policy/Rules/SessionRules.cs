using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Policy.Rules;

/// <summary>OpenSession, and what an owner asks for in a session.</summary>
internal static class SessionRules
{
    public static Rule<OpenSession>[] OpenSession { get; } =
    [
        new("OpenSession.owners", (in Case<OpenSession> c) => c.Policy.Owners.Any(o => !o.May.IsEmpty) ? null
            : c.Refuse("owners", "the policy names no owner who may do anything in a session", "name one under owners, with may")),
        new("OpenSession.exists", (in Case<OpenSession> c) => Lookups.Missing(c, c.Request.ContainerId)),
        new("OpenSession.live", (in Case<OpenSession> c) => c.Container(c.Request.ContainerId)!.IsLive ? null
            : c.Refuse("owners", "the container has ended: it carries no session", kind: RefusalKind.State)),
        new("OpenSession.id", (in Case<OpenSession> c) => Lookups.IsId(c.Request.ExecId) && !c.State.Used.Contains(IdKinds.Exec, c.Request.ContainerId, c.Request.ExecId) ? null
            : c.Refuse("owners", "the exec id is empty, too long, or was used before; an id is never used twice", kind: RefusalKind.State)),
        new("OpenSession.many", (in Case<OpenSession> c) => c.State.Containers.Values.Sum(o => o.Execs.Values.Count(e => e.IsSession)) < PolicyLimits.Sessions && c.State.Used.Count < PolicyLimits.UsedIds ? null
            : c.Refuse("owners", $"{PolicyLimits.Sessions} sessions exist; end some", kind: RefusalKind.State)),
    ];

    public static Rule<OwnerExec>[] Exec { get; } = [May<OwnerExec>("exec"), Exists<OwnerExec>(), Running<OwnerExec>()];

    public static Rule<OwnerAttach>[] Attach { get; } = [May<OwnerAttach>("attach"), Exists<OwnerAttach>(), Running<OwnerAttach>()];

    public static Rule<OwnerLogs>[] Logs { get; } = [May<OwnerLogs>("logs"), Exists<OwnerLogs>()];

    public static Rule<OwnerCopyIn>[] CopyIn { get; } = [May<OwnerCopyIn>("copy"), Exists<OwnerCopyIn>(), Running<OwnerCopyIn>()];

    public static Rule<OwnerCopyOut>[] CopyOut { get; } = [May<OwnerCopyOut>("copy"), Exists<OwnerCopyOut>(), Running<OwnerCopyOut>()];

    public static Rule<OwnerForward>[] Forward { get; } = [May<OwnerForward>("forward"), Exists<OwnerForward>(), Running<OwnerForward>()];

    public static Rule<OwnerProcesses>[] Processes { get; } = [May<OwnerProcesses>("ps"), Exists<OwnerProcesses>()];

    public static Rule<OwnerStats>[] Stats { get; } = [May<OwnerStats>("stats"), Exists<OwnerStats>()];

    public static Rule<OwnerAudit>[] Audit { get; } = [May<OwnerAudit>("audit")];

    public static IEnumerable<string> Ids =>
    [
        .. OpenSession.Select(r => r.Id), .. Exec.Select(r => r.Id), .. Attach.Select(r => r.Id), .. Logs.Select(r => r.Id), .. CopyIn.Select(r => r.Id), .. CopyOut.Select(r => r.Id),
        .. Forward.Select(r => r.Id), .. Processes.Select(r => r.Id), .. Stats.Select(r => r.Id), .. Audit.Select(r => r.Id),
    ];

    /// <summary>The entry of the owner who asks, or null: no key of the policy.</summary>
    private static OwnerEntry? Owner<TRequest>(in Case<TRequest> c) where TRequest : OwnerRequest
    {
        string name = c.Request.Owner;
        return c.Policy.Owners.FirstOrDefault(o => o.Name == name);
    }

    private static Rule<TRequest> May<TRequest>(string verb) where TRequest : OwnerRequest => new($"{typeof(TRequest).Name}.may", (in Case<TRequest> c) =>
        Owner(c) is not { } owner ? c.Refuse("owners", "the key is of no owner of the policy", "name it under owners")
        : owner.May.Contains(verb) ? null
        : c.Refuse($"owners[{owner.Name}].may", $"{owner.Name} may not {verb}", $"add {verb} to may"));

    private static Rule<TRequest> Exists<TRequest>() where TRequest : OwnerRequest => new($"{typeof(TRequest).Name}.exists", (in Case<TRequest> c) => Lookups.Missing(c, c.Request.ContainerId));

    private static Rule<TRequest> Running<TRequest>() where TRequest : OwnerRequest => new($"{typeof(TRequest).Name}.running", (in Case<TRequest> c) =>
        c.Container(c.Request.ContainerId)! is { Status: not ContainerStatus.Running } container
            ? c.Refuse(container.Entry.RulePath, $"the container is {container.Status.ToString().ToLowerInvariant()}, not running", kind: RefusalKind.State) : null);
}
