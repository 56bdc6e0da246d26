using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using Pavise.Owner.Policies;
using Pavise.Owner.Policies.Kubernetes;
using Pavise.Owner.Policies.Operations;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.Seccomp;
using Pavise.Policy.State;

namespace Pavise.Owner.Commands.Policies;

/// <summary>`pavise policy explain POLICY REQUEST.json`: one request, decided offline. Exit code 0: permitted; 1: refused. With `--syscalls`: the filter of a container.</summary>
internal static class PolicyExplainCommand
{
    internal static Command Create()
    {
        Argument<string> policyFile = new("POLICY") { Description = "The policy, YAML or JSON." };
        Argument<string?> requestFile = new("REQUEST") { Description = "The request, JSON; - for standard input.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> syscalls = new("--syscalls") { Description = "Print the system-call filter of a container instead." };
        Option<string?> container = new("--container") { Description = "Whose filter, where the policy has several containers." };
        Option<string> format = OutputFormat.Option();
        Command command = new("explain", "Decides one request offline and says why. Exit code 0: permitted; 1: refused.") { policyFile, requestFile, syscalls, container, format };
        command.Validators.Add(result =>
        {
            if (result.GetValue(requestFile) is null == !result.GetValue(syscalls))
            {
                result.AddError("explain takes a REQUEST, or --syscalls.");
            }
        });
        command.SetAction(parsed =>
        {
            PolicyDocument policy = PolicySourceFile.Read(parsed.GetRequiredValue(policyFile));
            string chosen = parsed.GetRequiredValue(format);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(syscalls))
            {
                Syscalls(output, chosen, Choose(policy, parsed.GetValue(container)));
                return CommandLine.Done;
            }

            string file = parsed.GetRequiredValue(requestFile)!;
            (Request request, PolicyState state) = RequestFile.Read(file, Manifest.Load(file), policy);
            Decision decision = PolicyEngine.Decide(policy, state, request);
            List<string[]> rows = [["decision", decision.IsPermitted ? "permitted" : "refused"], ["point", request.Point.ToString()]];
            if (decision.Refusal is { } refusal)
            {
                rows.AddRange([["rule", refusal.Rule], ["reason", refusal.Reason], ["hint", refusal.Hint], ["the host hears", policy.ErrorsDetailed ? $"rule, reason and hint" : "refused by the owner's policy, and the number of the decision"]]);
            }
            else
            {
                rows.AddRange(Plan(policy, decision));
            }

            rows.AddRange(decision.Notes.Select(n => (string[])["without effect", $"{n.Field} ({n.Rule})"]));
            OutputFormat.Write(output, chosen, ["what", "value"], [.. rows.Where(r => r[1].Length > 0)]);
            return decision.IsPermitted ? CommandLine.Done : CommandLine.Failed;
        });
        return command;
    }

    private static IEnumerable<string[]> Plan(PolicyDocument policy, Decision decision)
    {
        switch (decision.Plan)
        {
            case ContainerPlan plan:
                yield return ["entry", plan.Entry];
                yield return ["arguments", string.Join(' ', plan.Process.Args)];
                yield return ["environment", string.Join(' ', plan.Process.Env)];
                foreach ((string what, string value) in Effects.Of(policy, plan.Source!))
                {
                    yield return [what, value];
                }

                break;
            case ExecPlan plan:
                yield return ["arguments", string.Join(' ', plan.Process.Args)];
                yield return ["environment", string.Join(' ', plan.Process.Env)];
                yield return ["streams", $"{plan.Process.Stdio.Stdin}, {plan.Process.Stdio.Stdout}, {plan.Process.Stdio.Stderr}".ToLowerInvariant()];
                break;
            case WaitPlan plan:
                yield return ["status", plan.Disclosure.ToString().ToLowerInvariant()];
                break;
            case StatsPlan plan:
                yield return ["numbers", plan.Disclosure.ToString().ToLowerInvariant()];
                break;
            case ProcessListPlan plan:
                yield return ["processes", plan.Disclosure.ToString().ToLowerInvariant()];
                break;
            case SandboxPlan plan:
                yield return ["host name", plan.Hostname];
                break;
            case ResourcesUpdatePlan plan:
                yield return ["limits", plan.Resources.ToString()];
                break;
            default:
                break;
        }
    }

    private static ContainerEntry Choose(PolicyDocument policy, string? name) =>
        policy.Containers.FirstOrDefault(c => name is null ? policy.Containers.Length == 1 : c.Name == name)
        ?? throw new OwnerException(name is null ? "the policy has several containers" : $"the policy has no container {name}", $"choose one: --container {string.Join(" | ", policy.Containers.Select(c => c.Name))}");

    private static void Syscalls(TextWriter output, string format, ContainerEntry entry)
    {
        SeccompPlan plan = entry.Seccomp;
        if (format == OutputFormat.Json)
        {
            using MemoryStream bytes = new();
            using (Utf8JsonWriter json = new(bytes, new() { Indented = true }))
            {
                SeccompJson.Write(json, plan);
            }

            output.WriteLine(Encoding.UTF8.GetString(bytes.ToArray()));
            return;
        }

        OutputFormat.Write(output, format, ["answer", "calls", "where"], [.. plan.Rules.SelectMany(r => Fold(r)).Append([$"{plan.DefaultAction}{(plan.DefaultErrnoRet is { } e ? $" {e}" : "")}", "every other call", ""])]);
    }

    private static IEnumerable<string[]> Fold(SeccompRulePlan rule) =>
        rule.Names.IsEmpty ? [] : [[$"{rule.Action}{(rule.ErrnoRet is { } e ? $" {e}" : "")}", string.Join(' ', rule.Names), string.Join(" and ", rule.Args.Select(a => $"argument {a.Index} {a.Op} 0x{a.Value:x}{(a.Op == "SCMP_CMP_MASKED_EQ" ? $" 0x{a.ValueTwo:x}" : "")}"))]];
}
