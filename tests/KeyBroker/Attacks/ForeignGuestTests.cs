using Pavise.Attestation;
using Pavise.KeyBroker.Rules;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Session;
using Pavise.Session.Admin;
using Pavise.Session.Client;
using Pavise.Session.Jose;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Tests.Attacks;

/// <summary>A host that starts guests of its own: they attest, since their evidence is genuine, and must not be taken for the owner's.</summary>
public sealed class ForeignGuestTests
{
    private static readonly string One = new('1', 96), Two = new('2', 96), Boot = new('b', 64);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_moves_no_other_guests_audit_head(bool samePolicy)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        SimulatedGuest guest = new(TestPolicies.Of("redis", 1));
        SimulatedGuest foreign = new(samePolicy ? guest.Policy : TestPolicies.Of("mallory", 1)) { Measurement = One };
        using BrokerSession own = await broker.AttestAsync(guest), other = await broker.AttestAsync(foreign);
        await own.CheckpointAsync(new(Boot, 5, new string('a', 64)), Stop);
        await other.CheckpointAsync(new(Boot, long.MaxValue, new string('c', 64)), Stop);
        await own.CheckpointAsync(new(Boot, 6, new string('d', 64)), Stop);
        Assert.Equal(2, broker.Host.Parts.Store.Read(v => v.Checkpoints(10)).Count);
    }

    [Theory]
    [InlineData("no rule", "none")]
    [InlineData("another measurement", "none")]
    [InlineData("any measurement", "none")]
    [InlineData("its own", "affirming")]
    public async Task A_token_affirms_only_what_a_rule_appraises(string rule, string status)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        SimulatedGuest guest = new(TestPolicies.Of("redis", 1));
        ReleaseRule own = TestBroker.RuleFor(guest, "a/b/c");
        if (rule != "no rule")
        {
            await broker.Admin.AllowAsync(rule == "its own" ? own : own with { Measurements = [One], AnyMeasurement = rule == "any measurement" });
        }

        using BrokerSession session = await broker.AttestAsync(guest);
        EarToken token = EarToken.Verify(session.Token, broker.Host.Parts.Keys.Verification, DateTimeOffset.UtcNow);
        Assert.Equal(status, token.Status);
    }

    [Fact]
    public async Task Who_has_no_exchange_leaves_nothing_in_the_audit()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using HttpConnection raw = broker.Raw();
        using ExchangeKey key = ExchangeKey.CreateP256();
        byte[] request = new AttestRequest(null, "nonce", key.Public, "{}"u8.ToArray(), "").Write();
        Assert.Equal(401, (await raw.SendAsync("POST", BrokerPaths.Attest, [], request, false, Stop)).Status);
        Assert.Empty(await broker.Admin.AuditAsync());
    }

    [Fact]
    public void Of_TDX_a_firmware_alone_counts_as_no_measurement()
    {
        ReleaseRule rule = new() { Resource = "a/b/c", Policy = PolicyDemand.Document(new('0', 64), new('0', 96)), Tees = ["snp", "tdx"], Measurements = [One, $"{Two},any,{Two},{Two},any"] };
        Assert.Equal(One, Assert.Single(RuleAppraisal.Measurements(rule, TeeKind.Snp)).ToString());
        Assert.StartsWith(Two, Assert.Single(RuleAppraisal.Measurements(rule, TeeKind.Tdx)).ToString(), StringComparison.Ordinal);
        Assert.Throws<SessionFormatException>(() => ReleaseRule.Parse((rule with { Tees = ["tdx"] }).Write()));
    }

    [Theory]
    [InlineData("+3.0.8.115")]
    [InlineData("3. 0.8.115")]
    public void A_minimum_TCB_that_would_be_none_is_no_rule(string tcb)
    {
        string rule = $$"""{"resource":"a/b/c","policy":{"sha256":"{{new string('0', 64)}}"},"measurements":["{{One}}"],"tees":["snp"],"minimumTcb":{"milan":"{{tcb}}"} }""";
        Assert.Throws<SessionFormatException>(() => ReleaseRule.Parse(System.Text.Encoding.UTF8.GetBytes(rule)));
    }
}
