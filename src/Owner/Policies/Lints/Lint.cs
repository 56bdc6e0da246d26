using Pavise.Policy.Model;

namespace Pavise.Owner.Policies.Lints;

/// <summary>Looks at a policy for one kind of wide or doubtful choice.</summary>
/// <param name="Id">Name, unique; documented in docs/policy-tools.md.</param>
/// <param name="Weight">How much a finding weighs.</param>
/// <param name="Means">One sentence for the documentation.</param>
/// <param name="Find">Path and message of each finding.</param>
internal sealed record Lint(string Id, Weight Weight, string Means, Func<PolicyDocument, IEnumerable<(string Path, string Message)>> Find);
