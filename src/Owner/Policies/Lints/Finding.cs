namespace Pavise.Owner.Policies.Lints;

/// <summary>How much a finding weighs.</summary>
internal enum Weight
{
    /// <summary>Wider than it may have to be; the owner may mean it.</summary>
    Warning,
    /// <summary>It cannot work, or it protects nothing.</summary>
    Error,
}

/// <summary>One finding about a policy that is well-formed.</summary>
/// <param name="Id">Name of the lint, as the documentation lists it.</param>
/// <param name="Weight">How much it weighs.</param>
/// <param name="Path">Where in the policy.</param>
/// <param name="Message">What it means, and what to write instead.</param>
internal sealed record Finding(string Id, Weight Weight, string Path, string Message);
