using System.CommandLine;
using Pavise.Owner.Broker;
using Pavise.Session.Admin;

namespace Pavise.Owner.Commands.Kb;

/// <summary>`pavise kb allow RESOURCE …`: a release rule. Nothing is released without one.</summary>
internal static class KbAllowCommand
{
    internal static Command Create(AdminOptions options)
    {
        Argument<string> resource = new("RESOURCE") { Description = "repository/type/tag, each part a name or *." };
        RuleOptions rule = new();
        Command command = new("allow", "Says to whom a secret is released. Without a rule it is released to nobody.") { resource };
        rule.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            string text = parsed.GetRequiredValue(resource);
            ReleaseRule made = rule.Make(parsed, text.StartsWith("kbs:///", StringComparison.Ordinal) ? text["kbs:///".Length..] : text);
            await using AdminClient client = options.Open(parsed);
            long id = await client.JsonAsync("POST", "/admin/v1/rules", made.Write(), root => root.GetProperty("rule").GetInt64(), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"rule {id}: {made.Resource}");
            return CommandLine.Done;
        });
        return command;
    }
}
