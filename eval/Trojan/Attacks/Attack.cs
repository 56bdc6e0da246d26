namespace Pavise.Trojan.Attacks;

/// <summary>One attack of a catalogue.</summary>
/// <param name="Id">Unique, <c>class/name</c>.</param>
/// <param name="Finding">Id of the finding of <c>docs/security-analysis/findings.md</c> that it stands for.</param>
/// <param name="What">What the attacker does.</param>
/// <param name="Strike">Does it. An exception that the surface throws means that it was refused.</param>
/// <param name="Neighbour">The benign deed closest to it, which must work: refusing everything does not score.</param>
internal sealed record Attack(string Id, string Finding, string What, Func<Task<Observation>> Strike, Func<Task<Observation>> Neighbour)
{
    /// <summary>The part of the id before the first slash.</summary>
    public string Class => Id[..Id.IndexOf('/', StringComparison.Ordinal)];
}
