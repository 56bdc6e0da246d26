using System.Collections.Immutable;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.Rules;

namespace Pavise.Policy.Engine;

/// <summary>CreateContainer: refuse, select, fill holes, construct. The plan is made from the policy's entry; of the host's only admitted holes enter it.</summary>
internal static class CreateDecision
{
    /// <summary>Id of the rule by which a strict policy refuses what would have no effect.</summary>
    public const string Strict = "CreateContainer.strict", Unbuilt = "CreateContainer.unbuilt";

    public static Decision Decide(in Case<CreateContainer> c, IReadOnlySet<string>? disabled)
    {
        if (Engine.Rules.First(CreateRules.General, c, disabled) is { } refused)
        {
            return Decision.Refuse(refused);
        }

        (ContainerEntry? entry, Refusal? none) = CreateSelection.Select(c, disabled);
        if (entry is null)
        {
            return Decision.Refuse(none!);
        }

        if (disabled?.Contains(Unbuilt) != true && CreateRules.Unbuilt(c, entry) is { } unbuilt)
        {
            return Decision.Refuse(unbuilt);
        }

        ImmutableArray<string> env = EnvHoles.Effective(entry.Process.Env, c.Request.Spec.Process.Env);
        Findings findings = new(entry.RulePath);
        ProcessComparison.Compare(findings, c.Request.Spec.Process, entry.Process, env);
        MountPlans.Compare(findings, entry, c.Request.Spec);
        ResourceLimits.Compare(findings, c.Request.Spec.Linux.Resources, entry.Resources, "linux.resources.");
        SpecComparison.Compare(findings, c, entry);
        return c.Policy.Strict && findings.FirstMore is { } more && disabled?.Contains(Strict) != true
            ? Decision.Refuse(c.Refuse(more.Rule, $"the policy is strict and {more.Field} asks for what it does not give", "remove it from the configuration, or write it into the policy"))
            : Decision.Permit(Plan(c, entry, env), findings.Notes);
    }

    private static ContainerPlan Plan(in Case<CreateContainer> c, ContainerEntry entry, ImmutableArray<string> env)
    {
        Oci.OciSpec spec = c.Request.Spec;
        return new ContainerPlan
        {
            ContainerId = c.Request.ContainerId,
            Entry = entry.Name,
            Root = entry.Root,
            RootReadOnly = entry.Sealed,
            OverlayBytes = entry.OverlayBytes,
            Hostname = c.Policy.Sandbox.HostnameFromHost && spec.Hostname.Length > 0 ? spec.Hostname
                : c.State.Hostname.Length > 0 ? c.State.Hostname
                : c.Policy.Sandbox.Hostname,
            Process = ProcessPlans.Of(entry.Process, entry.Stdio, spec.Process.Args, env, spec.Process.Columns, spec.Process.Rows),
            Mounts = MountPlans.Of(entry, spec, c.Policy.Network),
            MaskedPaths = entry.Process.MaskedPaths,
            ReadonlyPaths = entry.Process.ReadonlyPaths,
            Sysctls = entry.Process.Sysctls,
            Resources = ResourceLimits.Effective(spec.Linux.Resources, entry.Resources),
            Seccomp = entry.Seccomp,
            Secrets = entry.Secrets,
            SealedVariables = EnvHoles.Sealed(entry.Process.Env, env),
            Source = entry,
        };
    }
}
