namespace Pavise.Attestation;

/// <summary>How a check ended.</summary>
public enum CheckStatus
{
    /// <summary>Evaluated, and as expected.</summary>
    Passed,

    /// <summary>Evaluated, and not as expected.</summary>
    Failed,

    /// <summary>Not evaluated: something it needs is missing or failed before, or nobody said what to expect.</summary>
    NotEvaluated,
}

/// <summary>One named check of a verdict.</summary>
/// <param name="Name">One of <see cref="CheckNames"/>.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Required">Whether evidence is refused unless the check passed. False only where the requirements waive it.</param>
/// <param name="Expected">What was expected, one line of printable ASCII.</param>
/// <param name="Found">What was found, or why it was not evaluated; one line of printable ASCII, whatever the evidence holds.</param>
public sealed record Check(string Name, CheckStatus Status, bool Required, string Expected, string Found)
{
    /// <summary>Whether this check alone refuses the evidence: it failed, or it is required and was not evaluated.</summary>
    public bool Refuses => Status == CheckStatus.Failed || (Required && Status != CheckStatus.Passed);
}
