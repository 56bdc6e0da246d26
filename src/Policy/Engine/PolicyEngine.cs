using System.Collections.Immutable;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.Rules;
using Pavise.Policy.State;

namespace Pavise.Policy.Engine;

/// <summary>The decision function. Pure: no I/O, no clock, no randomness.</summary>
public static class PolicyEngine
{
    /// <summary>Decides one request. Nothing changes: after the plan was carried out, the caller replaces its state by <see cref="PolicyState.After"/>.</summary>
    public static Decision Decide(PolicyDocument policy, PolicyState state, Request request) => Decide(policy, state, request, null);

    /// <summary>The same with rules switched off, for tests that show what each rule is for.</summary>
    internal static Decision Decide(PolicyDocument policy, PolicyState state, Request request, IReadOnlySet<string>? disabled)
    {
        if (state.Ending && disabled?.Contains("ending") != true)
        {
            return Decision.Refuse(new Refusal(request.Point, "", "the pVM is going down", "") { Kind = RefusalKind.State });
        }

        // What is asked for all the time stands apart from the lambdas below: their closure would be allocated for it too.
        return request switch
        {
            ExecProcess r => ExecDecision.Decide(new(policy, state, r), disabled),
            SignalProcess r => Engine.Rules.First(ProcessRules.Signal, new(policy, state, r), disabled) is { } no ? Decision.Refuse(no) : Decision.Permit(SignalTemplate.Instance, r),
            OpenStream r => Engine.Rules.First(ProcessRules.Stream, new(policy, state, r), disabled) is { } no ? Decision.Refuse(no) : Decision.Permit(StreamTemplate.Instance, r),
            _ => DecideOther(policy, state, request, disabled),
        };
    }

    private static Decision DecideOther(PolicyDocument policy, PolicyState state, Request request, IReadOnlySet<string>? disabled) =>
        request switch
        {
            CreateContainer r => CreateDecision.Decide(new(policy, state, r), disabled),
            CloseStdin r => Simple(ProcessRules.CloseStdin, new(policy, state, r), disabled, c => new SubjectPlan(r.Point, r.ContainerId, r.ExecId)),
            ResizeTerminal r => Simple(ProcessRules.Resize, new(policy, state, r), disabled, c => new ResizePlan(r.ContainerId, r.ExecId, r.Columns, r.Rows)),
            WaitProcess r => Simple(ProcessRules.Wait, new(policy, state, r), disabled, c => new WaitPlan(r.ContainerId, r.ExecId, ProcessRules.Disclosure(c.Container(r.ContainerId)!, r.ExecId))),
            StartContainer r => Simple(ContainerRules.Start, new(policy, state, r), disabled, c => new SubjectPlan(r.Point, r.ContainerId, "")),
            PutFile r => Simple(ContainerRules.PutFile, new(policy, state, r), disabled, c => new PutFilePlan(r.ContainerId, r.Mount, r.Name)),
            AttachVolume r => Simple(VolumeRules.Attach, new(policy, state, r), disabled, c => VolumeRules.Plan(c)),
            ListProcesses r => Simple(ContainerRules.List, new(policy, state, r), disabled, c => new ProcessListPlan(r.ContainerId, policy.Host.Processes)),
            ReadStats r => Simple(ContainerRules.Stats, new(policy, state, r), disabled, c => new StatsPlan(r.ContainerId, policy.Host.Stats)),
            PauseContainer r => Simple(ContainerRules.Pause, new(policy, state, r), disabled, c => new SubjectPlan(r.Point, r.ContainerId, "")),
            ResumeContainer r => Simple(ContainerRules.Resume, new(policy, state, r), disabled, c => new SubjectPlan(r.Point, r.ContainerId, "")),
            UpdateResources r => Update(new(policy, state, r), disabled),
            DeleteContainer r => Simple(ContainerRules.Delete, new(policy, state, r), disabled, c => new DeletePlan(r.ContainerId, r.ExecId, ContainerRules.MustKill(c))),
            Bind r => Simple(SandboxRules.Bind, new(policy, state, r), disabled, c => new SimplePlan(r.Point)),
            ConfigureSandbox r => Sandbox(new(policy, state, r), disabled),
            AttachImage r => Simple(SandboxRules.AttachImage, new(policy, state, r), disabled, c => new AttachImagePlan(r.Slot, r.Root, r.DataBlocks)),
            SetClock r => Simple(SandboxRules.SetClock, new(policy, state, r), disabled, c => new ClockPlan(r.ProposedUnixNs) { ElapsedNs = r.ElapsedNs }),
            SubscribeEvents r => Decision.Permit(new SimplePlan(r.Point)),
            Shutdown r => Decision.Permit(new ShutdownPlan(r.GraceMs)),
            Checkpoint r => Simple(SandboxRules.Checkpoint, new(policy, state, r), disabled, c => new SimplePlan(r.Point)),
            OpenSession r => Simple(SessionRules.OpenSession, new(policy, state, r), disabled, c => new SessionPlan(r.ContainerId, r.ExecId)),
            OwnerExec r => Simple(SessionRules.Exec, new(policy, state, r), disabled, c => OwnerDecision.Plan(c)),
            OwnerAttach r => Simple(SessionRules.Attach, new(policy, state, r), disabled, c => Owner(r) with { Stdin = c.Container(r.ContainerId)!.Entry.Stdio.Stdin == StreamTarget.Owner }),
            OwnerLogs r => Simple(SessionRules.Logs, new(policy, state, r), disabled, c => Owner(r)),
            OwnerCopyIn r => Simple(SessionRules.CopyIn, new(policy, state, r), disabled, c => Owner(r)),
            OwnerCopyOut r => Simple(SessionRules.CopyOut, new(policy, state, r), disabled, c => Owner(r)),
            OwnerForward r => Simple(SessionRules.Forward, new(policy, state, r), disabled, c => Owner(r)),
            OwnerProcesses r => Simple(SessionRules.Processes, new(policy, state, r), disabled, c => Owner(r)),
            OwnerStats r => Simple(SessionRules.Stats, new(policy, state, r), disabled, c => Owner(r)),
            OwnerAudit r => Simple(SessionRules.Audit, new(policy, state, r), disabled, c => Owner(r)),
            NetConnect r => Simple(NetworkRules.Connect, new(policy, state, r), disabled, c => NetworkRules.ConnectPlan(c)),
            NetAccept r => Simple(NetworkRules.Accept, new(policy, state, r), disabled, c => NetworkRules.PortPlan(policy, r.Point, r.Port)),
            NetResolve r => Simple(NetworkRules.Resolve, new(policy, state, r), disabled, c => new ResolvePlan(r.Name)),
            NetListen r => Simple(NetworkRules.Listen, new(policy, state, r), disabled, c => NetworkRules.PortPlan(policy, r.Point, r.Port)),
            NetDatagram r => Simple(NetworkRules.Datagram, new(policy, state, r), disabled, c => new SimplePlan(r.Point)),
            FileOpen r => Simple(VolumeRules.Share, new(policy, state, r), disabled, c => new SharedVolumePlan(r.Volume)),
            HostCallRequest r => Unbuilt(r, r is BrokerCall ? "attestation.keyBroker" : "host", "host calls"),
            _ => Decision.Refuse(new Refusal(request.Point, "", "no rule knows this request", "")),
        };

    /// <summary>Every rule by its id: what the mutation test switches off one by one.</summary>
    internal static IEnumerable<string> RuleIds =>
    [
        "ending", CreateDecision.Strict, CreateDecision.Unbuilt, ExecDecision.Strict,
        .. CreateRules.General.Select(r => r.Id), .. CreateSelection.Ids, .. ExecRules.General.Select(r => r.Id), .. ExecRules.Ids,
        .. ProcessRules.Signal.Select(r => r.Id), .. ProcessRules.Stream.Select(r => r.Id), .. ProcessRules.CloseStdin.Select(r => r.Id), .. ProcessRules.Resize.Select(r => r.Id), .. ProcessRules.Wait.Select(r => r.Id),
        .. ContainerRules.Start.Select(r => r.Id), .. ContainerRules.PutFile.Select(r => r.Id), .. VolumeRules.Attach.Select(r => r.Id), .. VolumeRules.Share.Select(r => r.Id), .. ContainerRules.List.Select(r => r.Id), .. ContainerRules.Stats.Select(r => r.Id),
        .. ContainerRules.Pause.Select(r => r.Id), .. ContainerRules.Resume.Select(r => r.Id), .. ContainerRules.Update.Select(r => r.Id), .. ContainerRules.Delete.Select(r => r.Id),
        .. SandboxRules.Bind.Select(r => r.Id), .. SandboxRules.ConfigureSandbox.Select(r => r.Id), .. SandboxRules.AttachImage.Select(r => r.Id), .. SandboxRules.SetClock.Select(r => r.Id),
        .. SandboxRules.Checkpoint.Select(r => r.Id), .. SessionRules.Ids,
        .. NetworkRules.Resolve.Select(r => r.Id), .. NetworkRules.Connect.Select(r => r.Id), .. NetworkRules.Listen.Select(r => r.Id), .. NetworkRules.Accept.Select(r => r.Id), .. NetworkRules.Datagram.Select(r => r.Id),
    ];

    private static Decision Simple<TRequest>(Rule<TRequest>[] rules, Case<TRequest> c, IReadOnlySet<string>? disabled, Func<Case<TRequest>, Plan> plan) where TRequest : Request =>
        Engine.Rules.First(rules, c, disabled) is { } refusal ? Decision.Refuse(refusal) : Decision.Permit(plan(c));

    private static OwnerPlan Owner(OwnerRequest r) => new(r.Point, r.Owner, r.ContainerId);

    private static Decision Sandbox(Case<ConfigureSandbox> c, IReadOnlySet<string>? disabled)
    {
        if (Engine.Rules.First(SandboxRules.ConfigureSandbox, c, disabled) is { } refusal)
        {
            return Decision.Refuse(refusal);
        }

        bool chosen = c.Policy.Sandbox.HostnameFromHost && c.Request.Hostname.Length > 0;
        bool dropped = !chosen && c.Request.Hostname.Length > 0 && c.Request.Hostname != c.Policy.Sandbox.Hostname;
        return Decision.Permit(new SandboxPlan(chosen ? c.Request.Hostname : c.Policy.Sandbox.Hostname), dropped ? [new Note("hostname", "sandbox.hostname")] : []);
    }

    private static Decision Update(Case<UpdateResources> c, IReadOnlySet<string>? disabled)
    {
        if (Engine.Rules.First(ContainerRules.Update, c, disabled) is { } refusal)
        {
            return Decision.Refuse(refusal);
        }

        ResourceMaximums most = c.Policy.Host.Resize ?? new();
        Findings findings = new("host.resize");
        ResourceLimits.Compare(findings, c.Request.Resources, most, "");
        return Decision.Permit(new ResourcesUpdatePlan(c.Request.ContainerId, ResourceLimits.Changed(c.Request.Resources, most)), findings.Notes);
    }

    private static Decision Unbuilt(Request request, string rule, string what) =>
        Decision.Refuse(new Refusal(request.Point, rule, $"not built yet: {what}", "") { Kind = RefusalKind.NotBuilt });
}
