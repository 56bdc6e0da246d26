using System.Collections.Immutable;
using System.CommandLine;
using Pavise.Owner.Policies;
using Pavise.Owner.Policies.Operations;

namespace Pavise.Owner.Commands.Policies;

/// <summary>`pavise policy diff A B`: what B newly permits and refuses. Exit code 0: nothing; 1: B permits more or makes something else; 4: B only refuses more.</summary>
internal static class PolicyDiffCommand
{
    /// <summary>B permits nothing that A refuses, and refuses something.</summary>
    internal const int OnlyNarrower = 4;

    private static readonly string[] Columns = ["change", "point", "subject", "operation", "before", "after"];

    internal static Command Create()
    {
        Argument<string> before = new("A") { Description = "The policy before." }, after = new("B") { Description = "The policy after." };
        Option<string> format = OutputFormat.Option();
        Command command = new("diff", "Says what policy B newly permits and newly refuses, in operations. Exit code 0: no difference; 1: B permits more, or makes something else; 4: B only refuses more.") { before, after, format };
        command.SetAction(parsed =>
        {
            ImmutableArray<Difference> differences = PolicyDiff.Of(PolicySourceFile.Read(parsed.GetRequiredValue(before)), PolicySourceFile.Read(parsed.GetRequiredValue(after)));
            string chosen = parsed.GetRequiredValue(format);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (differences.IsEmpty && chosen == OutputFormat.Table)
            {
                output.WriteLine("no difference in any operation");
            }
            else
            {
                OutputFormat.Write(output, chosen, Columns, [.. Rows(differences, chosen != OutputFormat.Json)]);
            }

            return differences.IsEmpty ? CommandLine.Done : differences.All(d => d.Change == Change.NewlyRefused) ? OnlyNarrower : CommandLine.Failed;
        });
        return command;
    }

    private static IEnumerable<string[]> Rows(ImmutableArray<Difference> differences, bool fold) =>
        differences.GroupBy(d => fold && d.Point == Pavise.Policy.DecisionPoint.SignalProcess ? (d.Change, d.Point, d.Subject, "") : (d.Change, d.Point, d.Subject, d.What + d.Before + d.After))
            .Select(g => (string[])[Word(g.First().Change), g.First().Point.ToString(), g.First().Subject, string.Join("; ", g.Select(d => d.What)), g.First().Before, g.First().After]);

    private static string Word(Change change) => change switch { Change.NewlyPermitted => "newly permitted", Change.NewlyRefused => "newly refused", _ => "other effect" };
}
