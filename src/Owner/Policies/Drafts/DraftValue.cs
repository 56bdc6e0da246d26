using Pavise.Owner.Policies.Kubernetes;

namespace Pavise.Owner.Policies.Drafts;

/// <summary>A text that is known, or what it must match where a part of it is the host's.</summary>
/// <param name="Text">The text; empty with an expression.</param>
/// <param name="Pattern">An expression of the policy language, or null.</param>
/// <param name="IsSecret">Whether a secret is part of it: it can stand in no policy.</param>
internal sealed record DraftValue(string Text, string? Pattern = null, bool IsSecret = false)
{
    /// <summary>What any value of a Secret that the host brings must match: one line without control characters.</summary>
    public const string AnyLine = "[^\\n]*";

    public static DraftValue Hole(string pattern) => new("", pattern);

    /// <summary>Both, one after the other.</summary>
    public DraftValue Then(DraftValue next) =>
        Pattern is null && next.Pattern is null ? new(Text + next.Text, null, IsSecret || next.IsSecret)
        : Text.Length == 0 && Pattern is null ? next with { IsSecret = IsSecret || next.IsSecret }
        : next is { Text: "", Pattern: null } ? this with { IsSecret = IsSecret || next.IsSecret }
        : new("", Part(this) + Part(next), IsSecret || next.IsSecret);

    private static string Part(DraftValue value) => value.Pattern is null ? Kubernetes.Text.Escape(value.Text) : value.Pattern.Contains('|') ? $"({value.Pattern})" : value.Pattern;
}
