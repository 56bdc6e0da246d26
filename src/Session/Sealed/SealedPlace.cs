using Pavise.Policy.Json;

namespace Pavise.Session.Sealed;

/// <summary>Where a sealed value belongs: it opens nowhere else.</summary>
/// <param name="Policy">Name of the policy.</param>
/// <param name="Container">Container of the policy.</param>
/// <param name="Variable">The variable; empty for a file.</param>
/// <param name="File">The mount's path; empty for a variable.</param>
public sealed record SealedPlace(string Policy, string Container, string Variable, string File)
{
    /// <summary>For messages.</summary>
    public override string ToString() => Variable.Length > 0 ? $"variable {Variable} of {Policy}/{Container}" : $"file {File} of {Policy}/{Container}";

    internal JsonValue ToJson() => JsonValue.Object(
        new("policy", JsonValue.Of(Policy)),
        new("container", JsonValue.Of(Container)),
        Variable.Length > 0 ? new("env", JsonValue.Of(Variable)) : new("file", JsonValue.Of(File)));
}
