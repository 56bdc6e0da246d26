using Pavise.Policy.Engine;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Policy.Rules;

/// <summary>Refusals and look-ups that many decision points share.</summary>
internal static class Lookups
{
    public const int IdBytes = 128;

    public static bool IsId(string id) =>
        id.Length is > 0 and <= IdBytes && !id.AsSpan().ContainsAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-+");

    /// <summary>Refuses where the container, or the exec in it, does not exist.</summary>
    public static Refusal? Missing<TRequest>(in Case<TRequest> c, string containerId, string execId = "") where TRequest : Request
    {
        if (c.Container(containerId) is not { } container)
        {
            return c.Refuse("containers", $"there is no container {Shown(containerId)}", kind: RefusalKind.NotFound);
        }

        return execId.Length > 0 && !container.Execs.ContainsKey(execId)
            ? c.Refuse($"{container.Entry.RulePath}.exec", $"container {Shown(containerId)} has no exec {Shown(execId)}", kind: RefusalKind.NotFound)
            : null;
    }

    public static StdioPlan? Stdio(ContainerState? container, string execId) =>
        container is null ? null : execId.Length == 0 ? container.Entry.Stdio : container.Execs.TryGetValue(execId, out ExecState? exec) ? exec.Stdio : null;

    public static StreamTarget Target(StdioPlan stdio, StandardStream stream) => stream switch
    {
        StandardStream.Stdin => stdio.Stdin,
        StandardStream.Stdout => stdio.Stdout,
        _ => stdio.Stderr,
    };

    public static Refusal NotBuilt<TRequest>(in Case<TRequest> c, string rule, string what) where TRequest : Request =>
        c.Refuse(rule, $"not built yet: {what}", "leave it out of the policy until it is", RefusalKind.NotBuilt);

    /// <summary>A text of the host for a message: bounded, without control characters.</summary>
    public static string Shown(string text)
    {
        string cut = text.Length > 80 ? string.Concat(text.AsSpan(0, 80), "…") : text;
        return $"'{string.Concat(cut.Select(ch => char.IsControl(ch) ? '?' : ch))}'";
    }
}
