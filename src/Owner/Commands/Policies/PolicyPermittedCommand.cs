using System.Collections.Immutable;
using System.CommandLine;
using Pavise.Owner.Policies;
using Pavise.Owner.Policies.Operations;
using Pavise.Policy.Model;

namespace Pavise.Owner.Commands.Policies;

/// <summary>`pavise policy permitted FILE`: the engine's answer to every operation at every decision point.</summary>
internal static class PolicyPermittedCommand
{
    private static readonly string[] Columns = ["answer", "point", "subject", "operation", "effect", "rule"];

    internal static Command Create()
    {
        Argument<string> file = PolicyCommand.File();
        Option<string> format = OutputFormat.Option();
        Option<bool> only = new("--only-permitted") { Description = "Leave refused operations out." };
        Command command = new("permitted", "Lists every operation that a policy permits and refuses, at every decision point, by asking the engine.") { file, format, only };
        command.SetAction(parsed =>
        {
            PolicyDocument policy = PolicySourceFile.Read(parsed.GetRequiredValue(file));
            IEnumerable<Operation> operations = Inventory.Of(policy, new(policy)).Where(o => o.Permitted || !parsed.GetValue(only));
            string chosen = parsed.GetRequiredValue(format);
            OutputFormat.Write(parsed.InvocationConfiguration.Output, chosen, Columns, [.. Rows(operations, fold: chosen != OutputFormat.Json)]);
            return CommandLine.Done;
        });
        return command;
    }

    /// <summary>Rows; for people, operations with the same answer are one row.</summary>
    private static IEnumerable<string[]> Rows(IEnumerable<Operation> operations, bool fold)
    {
        if (!fold)
        {
            return operations.Select(o => Row(o, o.What, o.Effect));
        }

        return operations.GroupBy(o => (o.Point, o.Subject, o.Permitted, o.Rule, Effect: o.Point == Pavise.Policy.DecisionPoint.SignalProcess ? "" : o.Effect))
            .Select(g => Row(g.First(), string.Join("; ", g.Select(o => o.What)), g.Key.Effect));
    }

    private static string[] Row(Operation o, string what, string effect) => [o.Permitted ? "permitted" : "refused", o.Point.ToString(), o.Subject, what, effect, o.Rule];
}
