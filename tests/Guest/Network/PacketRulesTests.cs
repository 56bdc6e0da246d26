using System.Net;
using Pavise.Guest.Network.Kernel;
using Pavise.Policy.Model;

namespace Pavise.Guest.Tests.Network;

public sealed class PacketRulesTests
{
    private static readonly IPAddress[] Own = [IPAddress.Parse("10.0.0.2")];

    [Fact]
    public void What_the_policy_does_not_name_ends_in_the_pod()
    {
        string rules = PacketRules.Write(new NetworkEntry([], []), Own);
        Assert.Contains("reject with tcp reset", rules, StringComparison.Ordinal);
        Assert.Contains("reject with icmpx admin-prohibited", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("policy accept", rules, StringComparison.Ordinal);
        Assert.Equal(2, rules.Split("redirect to :64917").Length - 1);
    }

    [Fact]
    public void Addresses_ranges_and_pinned_names_lead_to_the_shield_and_datagrams_do_not()
    {
        string rules = PacketRules.Write(new NetworkEntry([],
        [
            new EgressEntry("10.1.0.0/16", 80, false, "", false) { Range = IPNetwork.Parse("10.1.0.0/16") },
            new EgressEntry("::/0", 443, false, "", false) { Range = IPNetwork.Parse("::/0") },
            new EgressEntry("a.test", 81, false, "", false) { Addresses = [IPAddress.Parse("10.2.0.1")] },
            new EgressEntry("10.3.0.1", 53, false, "", true) { Range = IPNetwork.Parse("10.3.0.1/32") },
        ]), Own);
        Assert.Contains("ip daddr 10.1.0.0/16 tcp dport 80 redirect", rules, StringComparison.Ordinal);
        Assert.Contains("meta nfproto ipv6 tcp dport 443 redirect", rules, StringComparison.Ordinal);
        Assert.Contains("ip daddr 10.2.0.1/32 tcp dport 81 redirect", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("10.3.0.1", rules, StringComparison.Ordinal);
    }

    [Fact]
    public void The_pods_own_addresses_stay_in_the_pod() =>
        Assert.Equal(2, PacketRules.Write(new NetworkEntry([], []), Own).Split("ip daddr 10.0.0.2 ").Length - 1);
}
