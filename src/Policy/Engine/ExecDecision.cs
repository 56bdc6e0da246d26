using Pavise.Policy.Requests;
using Pavise.Policy.Rules;

namespace Pavise.Policy.Engine;

/// <summary>ExecProcess: refuse, select a template, and where the policy is strict compare.</summary>
internal static class ExecDecision
{
    public const string Strict = "ExecProcess.strict";

    public static Decision Decide(in Case<ExecProcess> c, IReadOnlySet<string>? disabled)
    {
        if (Engine.Rules.First(ExecRules.General, c, disabled) is { } refused)
        {
            return Decision.Refuse(refused);
        }

        (ExecTemplate? template, Refusal? none) = ExecRules.Select(c, disabled);
        if (template is null)
        {
            return Decision.Refuse(none!);
        }

        if (c.Policy.Strict && disabled?.Contains(Strict) != true && template.FirstMore(c.Request) is { } more)
        {
            return Decision.Refuse(c.Refuse(more.Rule, $"the policy is strict and {more.Field} asks for what it does not give", "remove it from the request, or write it into the policy"));
        }

        return Decision.Permit(template, c.Request, noted: true);
    }
}
