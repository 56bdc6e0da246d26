using Pavise.Policy;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Owner.Policies.Operations;

/// <summary>Bind, ConfigureSandbox, AttachImage, SubscribeEvents, SetClock, Shutdown.</summary>
internal static class SandboxOperations
{
    private const long Hour = PolicyLimits.ClockJumpNs, Noon = PolicyLimits.ClockEarliestNs + (24 * PolicyLimits.ClockJumpNs);

    public static void Add(Inventory inventory, Vocabulary vocabulary)
    {
        PolicyDocument policy = inventory.Policy;
        PolicyState empty = PolicyState.Empty, bound = Scene.Attached(policy);
        foreach (string tee in new[] { "snp", "tdx", "sim" })
        {
            inventory.Ask("", $"with evidence of {tee}", empty, new Bind(false, true) { Tee = tee }, "flavour and version of the guest");
        }

        inventory.Ask("", "in unshielded mode", empty, new Bind(true, true) { Tee = policy.Attestation.Tees.FirstOrDefault("sim") });
        inventory.Ask("", "a second time", bound, new Bind(false, true) { Tee = policy.Attestation.Tees.FirstOrDefault("sim") });
        foreach ((string value, string why) in Hostnames(vocabulary))
        {
            bool chosen = policy.Sandbox.HostnameFromHost;
            inventory.Ask("", $"host name {Pavise.Policy.Model.Reading.Values.Shown(value)} ({why})", bound, new ConfigureSandbox(value), chosen ? "the host's choice is used" : $"without effect: the name is {policy.Sandbox.Hostname}");
        }

        foreach (RootHash root in vocabulary.Roots)
        {
            inventory.Ask("", root.ToString(), bound, new AttachImage(0, root, 1), "whether the image verifies");
        }

        inventory.Ask("", "any other image", bound, new AttachImage(0, RootHash.FromBytes(new byte[32].Select(b => (byte)0xA5).ToArray()), 1));
        inventory.Ask("", "events of the life cycle", bound, new SubscribeEvents(), "what the host caused, and ends");
        PolicyState set = bound.After(new ClockPlan(Noon)), told = bound.After(new ClockPlan(Noon) { FromBroker = true });
        inventory.Ask("", "the first time, within 2026 to 2100", bound, new SetClock(Noon, 0));
        inventory.Ask("", "a time before 2026", bound, new SetClock(1, 0));
        inventory.Ask("", "later: up to an hour ahead, all together", set, new SetClock(Noon + Hour, Noon));
        inventory.Ask("", "later: more than an hour ahead", set, new SetClock(Noon + Hour + 1, Noon));
        inventory.Ask("", "later: backwards", set, new SetClock(Noon - 1, Noon));
        inventory.Ask("", "any time, once a key broker told it", told, new SetClock(Noon, Noon));
        inventory.Ask("", "orderly power-off", bound, new Shutdown(0));
        inventory.Ask("", "anything, while the pVM goes down", bound with { Ending = true }, new SubscribeEvents());
    }

    /// <summary>Names that tell the policies' expressions apart.</summary>
    private static IEnumerable<(string Value, string Why)> Hostnames(Vocabulary vocabulary)
    {
        Language[] all = [.. vocabulary.Policies.Select(p => p.Containers.IsEmpty ? Language.Anything : Box.Of(p, p.Containers[0])["host name"])];
        SortedDictionary<string, string> names = new(StringComparer.Ordinal) { ["host-1.example"] = "an ordinary name", ["-x_Y!"] = "no host name" };
        for (int i = 0; i < all.Length; i++)
        {
            Add(names, all[i], [], "admitted");
            Add(names, all[i], [.. all.Where((_, j) => j != i)], "admitted by one policy only");
        }

        return names.Select(n => (n.Key, n.Value));
    }

    private static void Add(SortedDictionary<string, string> names, Language include, IReadOnlyList<Language> exclude, string why)
    {
        // A name that is there, not an absent one.
        if (Languages.Find(include, [Language.Nothing, .. exclude]).Value is { Length: > 0 } value)
        {
            names.TryAdd(value, why);
        }
    }
}
