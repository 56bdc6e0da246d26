using System.Collections.Immutable;

namespace Pavise.Attestation;

/// <summary>
/// What a verifier found: every check that exists for this kind of evidence, each with what was expected and found. Evidence is accepted only when
/// no check failed and each required one passed.
/// </summary>
public sealed class Verdict
{
    internal Verdict(TeeKind tee, EvidenceClaims? claims, ImmutableArray<Check> checks) => (Tee, Claims, Checks) = (tee, claims, checks);

    /// <summary>What the evidence said that it is.</summary>
    public TeeKind Tee { get; }

    /// <summary>What the evidence claims. Believe it only when <see cref="Accepted"/>; null when the evidence could not be read.</summary>
    public EvidenceClaims? Claims { get; }

    /// <summary>All checks, in a fixed order for the kind of evidence.</summary>
    public ImmutableArray<Check> Checks { get; }

    /// <summary>Whether the evidence is accepted.</summary>
    public bool Accepted => Claims is not null && !Checks.IsEmpty && !Checks.Any(c => c.Refuses);

    /// <summary>The checks that refuse the evidence, failed ones first.</summary>
    public IEnumerable<Check> Refusals => Checks.Where(c => c.Refuses).OrderBy(c => c.Status == CheckStatus.Failed ? 0 : 1);

    /// <summary>One line for a log: accepted, or the names of the refusing checks.</summary>
    public override string ToString() => Accepted
        ? $"{Tee.Name()} evidence accepted"
        : $"{Tee.Name()} evidence refused: {string.Join(", ", Refusals.Select(c => $"{c.Name} ({(c.Status == CheckStatus.Failed ? "failed" : "not evaluated")})"))}";
}
