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
    private volatile Content _content = new([], new Dictionary<string, StoredPolicy>(StringComparer.Ordinal));

    public IReadOnlyList<NumberedRule> All => _content.Rules;

    public void Reload() => _content = store.Read(view => new Content(
        [.. view.Rules().Select(r => new NumberedRule(r.Id, ReleaseRule.Parse(Encoding.UTF8.GetBytes(r.Rule))))],
        view.Policies().ToDictionary(p => p.Sha256, StringComparer.Ordinal)));

    public IReadOnlyList<NumberedRule> For(ResourceUri resource) => [.. _content.Rules.Where(r => r.Rule.Covers(resource))];

    public StoredPolicy? SignedPolicy(string sha256) => _content.Policies.GetValueOrDefault(sha256);

    private sealed record Content(IReadOnlyList<NumberedRule> Rules, IReadOnlyDictionary<string, StoredPolicy> Policies);
}
