using System.CommandLine;
using Pavise.Owner.Policies;
using Pavise.Owner.Policies.Lints;
using Pavise.Policy.Model;

namespace Pavise.Owner.Commands;

/// <summary>`pavise policy check FILE`: every mistake with its place, then lints. Exit code 0: none; 1: a mistake, or a lint that is an error; 5: warnings, with --fail-on-warnings.</summary>
internal static class PolicyCheckCommand
{
    /// <summary>Well-formed, and wider than it may have to be.</summary>
    internal const int Warned = 5;

    internal static Command Create()
    {
        Argument<string> file = PolicyCommand.File();
        Option<string> format = OutputFormat.Option();
        Option<string[]> allow = new("--allow") { Description = "A lint to pass over (repeatable)." };
        Option<bool> fail = new("--fail-on-warnings") { Description = "Exit code 5 where a lint warns." };
        Option<bool> list = new("--list-lints") { Description = "List the lints instead." };
        file.Arity = ArgumentArity.ZeroOrOne;
        Command command = new("check", "Checks a policy strictly: an unknown key is an error with line, column and a suggestion. Then looks for wide choices.") { file, format, allow, fail, list };
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is null && !result.GetValue(list))
            {
                result.AddError("Required argument missing for command: 'check'.");
            }
        });
        command.SetAction(parsed =>
        {
            string chosen = parsed.GetRequiredValue(format);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(list))
            {
                OutputFormat.Write(output, chosen, ["id", "weight", "means"], [.. PolicyLints.All.Select(l => (string[])[l.Id, Word(l.Weight), l.Means])]);
                return CommandLine.Done;
            }

            string[] passed = parsed.GetValue(allow) ?? [];
            if (passed.FirstOrDefault(a => !PolicyLints.All.Any(l => l.Id == a)) is { } unknown)
            {
                throw new OwnerException($"there is no lint '{unknown}'{Pavise.Policy.Model.Reading.Suggestion.For(unknown, PolicyLints.All.Select(l => l.Id))}", "pavise policy check --list-lints");
            }

            PolicyDocument policy = PolicySourceFile.Read(parsed.GetRequiredValue(file));
            Finding[] findings = [.. PolicyLints.Check(policy).Where(f => !passed.Contains(f.Id))];
            if (chosen == OutputFormat.Table)
            {
                foreach (Finding finding in findings)
                {
                    parsed.InvocationConfiguration.Error.WriteLine($"{Word(finding.Weight)}: {finding.Path}: {finding.Message} [{finding.Id}]");
                }

                output.WriteLine($"policy {policy.Name}, version {policy.Version}: {policy.Containers.Length} containers, {policy.CanonicalBytes.Length} bytes, no mistake");
            }
            else
            {
                OutputFormat.Write(output, chosen, ["id", "weight", "path", "message"], [.. findings.Select(f => (string[])[f.Id, Word(f.Weight), f.Path, f.Message])]);
            }

            return findings.Any(f => f.Weight == Weight.Error) ? CommandLine.Failed : findings.Length > 0 && parsed.GetValue(fail) ? Warned : CommandLine.Done;
        });
        return command;
    }

    private static string Word(Weight weight) => weight == Weight.Error ? "error" : "warning";
}
