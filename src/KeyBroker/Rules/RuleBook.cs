using System.Text;
using Pavise.KeyBroker.Store;
using Pavise.Session;
using Pavise.Session.Admin;

namespace Pavise.KeyBroker.Rules;

/// <summary>A rule with its number.</summary>
internal sealed record NumberedRule(long Id, ReleaseRule Rule);

/// <summary>Rules and signed policies, kept in memory and read again after each change by an administrator.</summary>
internal sealed class RuleBook(IBrokerStore store)
{
    private volatile Content _content = new([], new Dictionary<(string, string), StoredPolicy>());

    public IReadOnlyList<NumberedRule> All => _content.Rules;

    public void Reload() => _content = store.Read(view => new Content(
        [.. view.Rules().Select(r => new NumberedRule(r.Id, ReleaseRule.Parse(Encoding.UTF8.GetBytes(r.Rule))))],
        view.Policies().ToDictionary(p => (p.Sha256, p.Owner))));

    public IReadOnlyList<NumberedRule> For(ResourceUri resource) => [.. _content.Rules.Where(r => r.Rule.Covers(resource))];

    /// <summary>The document as this owner signed it; another owner's signature over the same document is another's.</summary>
    public StoredPolicy? SignedPolicy(string sha256, string owner) => _content.Policies.GetValueOrDefault((sha256, owner));

    private sealed record Content(IReadOnlyList<NumberedRule> Rules, IReadOnlyDictionary<(string Sha256, string Owner), StoredPolicy> Policies);
}
