using System.Collections.Immutable;

namespace Pavise.Policy.Model;

/// <summary>One thing that is wrong with a policy.</summary>
/// <param name="Path">Where, as <c>containers[0].process.args</c>; empty for the whole document.</param>
/// <param name="Message">What was found and what to write instead.</param>
public sealed record PolicyProblem(string Path, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";
}

/// <summary>The document is not a policy. The message names the path, what was found and what to write instead.</summary>
public sealed class PolicyFormatException : Exception
{
    /// <summary>A problem of the document as a whole.</summary>
    public PolicyFormatException(string message) : this([new PolicyProblem("", message)])
    {
    }

    /// <summary>All problems that were found, at least one.</summary>
    public PolicyFormatException(ImmutableArray<PolicyProblem> problems) : base(string.Join("; ", problems)) => Problems = problems;

    /// <summary>Every problem, in the order of the document.</summary>
    public ImmutableArray<PolicyProblem> Problems { get; }
}
