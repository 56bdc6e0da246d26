using System.Collections.Immutable;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tests.Synthetic;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Session.Admin;
using Pavise.Session.Client;

namespace Pavise.KeyBroker.Tests.Refusals;

/// <summary>Guests of a synthetic SNP platform against the broker: the right one gets the secret; of each other the audit says which check refused it.</summary>
public sealed class SnpRefusalTests
{
    [Fact]
    public async Task The_right_guest_gets_the_secret_under_the_strictest_rule()
    {
        SnpGuest guest = new();
        await using TestBroker broker = await StartAsync(guest);
        using BrokerSession session = await broker.AttestAsAsync(guest.Parameters);
        Assert.Equal(Refusal.Secret, await session.GetAsync(Refusal.Password, TestContext.Current.CancellationToken));
    }

    private static readonly Dictionary<string, (Action<SnpScene> Before, Action<SnpScene> After, string[] Checks)> Wrong = new()
    {
        ["debug guest"] = (s => s.Report[0x0A] |= 8, _ => { }, ["guest-policy.debug"]),
        ["another level than 0"] = (s => s.Report[0x30] = 1, _ => { }, ["vmpl"]),
        ["tampered signature"] = (_ => { }, s => s.Report[0x2A0] ^= 1, ["snp.signature"]),
        ["tampered measurement"] = (_ => { }, s => s.Report[0x90] ^= 1, ["snp.signature"]),
        ["tampered certificate"] = (_ => { }, s => s.Certificates[0] = [.. s.Certificates[0][..^1], (byte)(s.Certificates[0][^1] ^ 1)], ["snp.chain.leaf"]),
        ["tampered intermediate"] = (_ => { }, s => s.Certificates[1] = [.. s.Certificates[1][..^1], (byte)(s.Certificates[1][^1] ^ 1)], ["snp.chain.intermediate"]),
        ["low reported TCB"] = (s => { s.SetTcb(0x180, Low); s.Certificates[0] = s.Chain.Leaf(s.Key, [3, 0, 8, 114], s.ChipId); }, _ => { }, ["snp.tcb.reported"]),
        ["low committed TCB"] = (s => s.SetTcb(0x1E0, Low), _ => { }, ["snp.tcb.committed"]),
        ["low launch TCB"] = (s => s.SetTcb(0x1F0, Low), _ => { }, ["snp.tcb.launch"]),
        ["unchecked memory"] = (s => s.Report[0x40] = 5, _ => { }, ["snp.platform"]),
    };

    private static readonly SnpTcb Low = new(3, 0, 8, 114);

    public static TheoryData<string> Names => [.. Wrong.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_guest_with_one_thing_wrong_is_refused_by_its_check(string what)
    {
        SnpGuest guest = new() { Before = Wrong[what].Before, After = Wrong[what].After };
        await using TestBroker broker = await StartAsync(guest);
        await Refusal.SeenAsync(broker, guest.Parameters, Wrong[what].Checks);
    }

    [Fact]
    public async Task Another_measurement_is_refused()
    {
        SnpGuest guest = new();
        await using TestBroker broker = await StartAsync(guest, r => r with { Measurements = [new string('7', 96)] });
        await Refusal.SeenAsync(broker, guest.Parameters, "measurement");
    }

    [Fact]
    public async Task Another_policy_is_refused_even_where_the_launch_binds_it()
    {
        SnpGuest guest = new() { Policy = TestPolicies.Of("redis", 2) };
        await using TestBroker broker = await StartAsync(guest);
        await Refusal.SeenAsync(broker, guest.Parameters, "policy-digest");
    }

    [Fact]
    public async Task A_policy_that_the_launch_does_not_bind_is_refused()
    {
        SnpGuest guest = new() { Before = s => s.Report[0xC0] ^= 1 };
        await using TestBroker broker = await StartAsync(guest);
        await Refusal.SeenAsync(broker, guest.Parameters, "policy-digest");
    }

    [Fact]
    public async Task A_chain_that_expired_is_refused()
    {
        SnpGuest guest = new();
        await using TestBroker broker = await StartAsync(guest, at: AmdChain.End.AddSeconds(1), crl: guest.Scene.Chain.Crl(AmdChain.End.AddDays(-1), AmdChain.End.AddDays(30)));
        await Refusal.SeenAsync(broker, guest.Parameters, "snp.chain.validity");
    }

    [Fact]
    public async Task A_revoked_chain_is_refused()
    {
        SnpGuest guest = new();
        await using TestBroker broker = await StartAsync(guest, crl: guest.Scene.Chain.Crl(SnpScene.Now.AddDays(-1), SnpScene.Now.AddDays(30), AmdChain.AskSerial));
        await Refusal.SeenAsync(broker, guest.Parameters, "snp.revocation");
    }

    [Fact]
    public async Task Without_a_revocation_list_nothing_is_released()
    {
        SnpGuest guest = new();
        await using TestBroker broker = await StartAsync(guest, crl: []);
        await Refusal.SeenAsync(broker, guest.Parameters, "snp.revocation");
    }

    [Fact]
    public async Task A_chain_to_a_root_that_is_not_pinned_is_refused_by_the_broker_as_it_is_shipped()
    {
        SnpGuest guest = new();
        await using TestBroker broker = await StartAsync(guest, pinned: true);
        await Assert.ThrowsAsync<BrokerException>(() => broker.AttestAsAsync(guest.Parameters));
        string[] failing = AuditText.Failing(Assert.Single(await broker.Admin.AuditAsync("attestation-refused")));
        Assert.Contains("snp.chain.root", failing);
    }

    // The secret, the strictest rule that fits the guest, the root's list; the root is the guest's own chain's.
    private static async Task<TestBroker> StartAsync(SnpGuest guest, Func<ReleaseRule, ReleaseRule>? change = null, DateTimeOffset? at = null, byte[]? crl = null, bool pinned = false)
    {
        string collateral = Directory.CreateTempSubdirectory("pavise-collateral-").FullName;
        TestBroker broker;
        try
        {
            File.WriteAllBytes(Path.Combine(collateral, "list"), crl ?? guest.Scene.Crls[0]);
            broker = await TestBroker.StartAsync(clock: new ManualClock(at ?? SnpScene.Now), simulated: false, change: c => c with { Collateral = collateral }, roots: pinned ? null : guest.Scene.Roots);
        }
        finally
        {
            Directory.Delete(collateral, recursive: true);
        }

        ReleaseRule rule = TestBroker.RuleFor(new(TestPolicies.Of("redis", 1)), Refusal.Password.Path) with
        {
            Measurements = [guest.Measurement],
            Tees = ["snp"],
            MinimumTcb = ImmutableSortedDictionary<string, string>.Empty.Add("milan", "3.0.8.115"),
        };
        await broker.Admin.PutAsync(Refusal.Password.Path, Refusal.Secret);
        await broker.Admin.AllowAsync(change?.Invoke(rule) ?? rule);
        return broker;
    }
}
