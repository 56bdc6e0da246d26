using System.Text;
using System.Text.Json;
using Pavise.KeyBroker.Auditing;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Session.Admin;
using Pavise.Session.Client;
using Pavise.Session.Jose;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Tests.Refusals;

/// <summary>Replays, swapped keys, older policies and simulated evidence: refused, by a named check, with nothing released.</summary>
public sealed class ExchangeRefusalTests
{
    private static readonly SimulatedGuest Guest = new(TestPolicies.Of("redis", 1));

    [Fact]
    public async Task A_replayed_attestation_is_refused_by_its_challenge()
    {
        await using TestBroker broker = await PreparedAsync();
        await using RawGuest raw = new(broker);
        await raw.ChallengeAsync();
        using ExchangeKey key = ExchangeKey.CreateP256();
        AttestRequest request = raw.Request(Guest, key.Public);
        Assert.Equal(200, (await raw.AttestAsync(request)).Status);
        Assert.Equal("challenge-used", RawGuest.Reason(await raw.AttestAsync(request)));
        await Refusal.InAuditAsync(broker, "exchange.challenge");
    }

    [Fact]
    public async Task A_replayed_nonce_is_refused_by_its_check_with_both_nonces()
    {
        await using TestBroker broker = await PreparedAsync();
        await using RawGuest one = new(broker), two = new(broker);
        await one.ChallengeAsync();
        await two.ChallengeAsync();
        using ExchangeKey key = ExchangeKey.CreateP256();
        Assert.Equal("other-nonce", RawGuest.Reason(await two.AttestAsync(one.Request(Guest, key.Public))));
        await Refusal.InAuditAsync(broker, "exchange.nonce");
        JsonElement check = Assert.Single(AuditText.FailingChecks(Assert.Single(await broker.Admin.AuditAsync("attestation-refused"))));
        Assert.Equal((two.Challenge.Nonce, one.Challenge.Nonce), (AuditText.Text(check, "expected"), AuditText.Text(check, "found")));
        Assert.Equal(401, (await two.GetAsync(Refusal.Password.Path)).Status);
    }

    [Fact]
    public async Task A_swapped_key_is_refused_by_the_report_data()
    {
        await using TestBroker broker = await PreparedAsync();
        await using RawGuest raw = new(broker);
        await raw.ChallengeAsync();
        using ExchangeKey key = ExchangeKey.CreateP256(), mine = ExchangeKey.CreateP256();
        Assert.Equal(401, (await raw.AttestAsync(raw.Request(Guest, key.Public) with { TeePublicKey = mine.Public })).Status);
        await Refusal.InAuditAsync(broker, "report-data");
        Assert.Equal(401, (await raw.GetAsync(Refusal.Password.Path)).Status);
    }

    [Fact]
    public async Task A_tampered_signature_of_the_simulated_processor_is_refused()
    {
        await using TestBroker broker = await PreparedAsync();
        await Refusal.SeenAsync(broker, Guest.Parameters with { Evidence = (reportData, _) =>
        {
            byte[] report = Guest.Report(reportData.Span);
            report[0x2A0] ^= 1;
            return Task.FromResult<ReadOnlyMemory<byte>>(Attestation.Kbs.EvidenceJson.Write(Attestation.LaunchEvidence.Parse(Attestation.TeeKind.Simulated, report)));
        } }, "sim.signature");
    }

    [Fact]
    public async Task A_document_that_is_none_is_refused_by_its_check()
    {
        await using TestBroker broker = await PreparedAsync();
        await Refusal.SeenAsync(broker, Guest.Parameters with { InitData = new("json", "{}") }, "exchange.document");
    }

    [Fact]
    public async Task Simulated_evidence_is_refused_by_a_production_broker_at_the_challenge_and_by_a_production_rule_at_the_release()
    {
        await using (TestBroker production = await PreparedAsync(simulated: false))
        {
            await Refusal.SeenAsync(production, Guest.Parameters, "exchange.kind");
        }

        await using TestBroker broker = await PreparedAsync(r => r with { Tees = ["snp", "tdx"] });
        await Refusal.SeenAsync(broker, Guest.Parameters, "evidence.kind");
    }

    [Fact]
    public async Task An_older_version_of_a_signed_policy_is_refused_with_both_versions()
    {
        await using TestBroker broker = await PreparedAsync(r => r with { Policy = PolicyDemand.Signed("alice", "redis", 2) });
        await SignAsync(broker, Guest.Policy);
        await Refusal.SeenAsync(broker, Guest.Parameters, "rule.policy-version");
        JsonElement check = Assert.Single(AuditText.FailingChecks(Assert.Single(await broker.Admin.AuditAsync("refused"))));
        Assert.Equal(("at least 2", "1"), (AuditText.Text(check, "expected"), AuditText.Text(check, "found")));
    }

    [Fact]
    public async Task A_version_older_than_the_newest_that_was_released_to_is_refused_with_both_versions()
    {
        await using TestBroker broker = await PreparedAsync(r => r with { Policy = PolicyDemand.Signed("alice", "redis", 1) });
        SimulatedGuest newer = new(TestPolicies.Of("redis", 7));
        await SignAsync(broker, Guest.Policy);
        await SignAsync(broker, newer.Policy);
        using BrokerSession session = await broker.AttestAsync(newer), old = await broker.AttestAsync(Guest);
        await session.GetAsync(Refusal.Password, TestContext.Current.CancellationToken);
        BrokerException refused = await Assert.ThrowsAsync<BrokerException>(() => old.GetAsync(Refusal.Password, TestContext.Current.CancellationToken));
        Assert.Equal("older-policy", refused.Problem!.Reason);
        JsonElement check = Assert.Single(AuditText.FailingChecks(Assert.Single(await broker.Admin.AuditAsync("refused"))));
        Assert.Equal("rule.policy-newest", AuditText.Text(check, "name"));
        Assert.StartsWith("at least 7", AuditText.Text(check, "expected"), StringComparison.Ordinal);
        Assert.Equal("1", AuditText.Text(check, "found"));
        Assert.Single(await broker.Admin.AuditAsync("released"));
    }

    [Theory]
    [InlineData("no rule", "rule.any")]
    [InlineData("lease", "rule.lease")]
    [InlineData("no content", "rule.content")]
    public async Task What_a_release_wants_besides_is_named_too(string what, string check)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        if (what != "no rule")
        {
            await broker.Admin.AllowAsync(TestBroker.RuleFor(Guest, Refusal.Password.Path) with { Instances = what == "lease" ? 1 : null });
        }

        using BrokerSession session = await broker.AttestAsync(Guest);
        await Assert.ThrowsAsync<BrokerException>(() => session.GetAsync(Refusal.Password, TestContext.Current.CancellationToken));
        await Refusal.InAuditAsync(broker, check);
    }

    [Fact]
    public async Task A_guest_that_pins_another_key_tells_this_broker_nothing()
    {
        await using TestBroker broker = await PreparedAsync();
        await using BrokerClient client = new(TestBroker.Connector(broker.Host.GuestAddress), broker.Endpoint with { KeySha256 = new byte[32] });
        BrokerException refused = await Assert.ThrowsAsync<BrokerException>(() => client.AttestAsync(Guest.Parameters, TestContext.Current.CancellationToken));
        Assert.Equal(BrokerFailure.WrongBroker, refused.Failure);
        Assert.DoesNotContain(await broker.Admin.AuditAsync(), e => AuditText.Text(e, "kind") is "attested" or "released");
    }

    [Fact]
    public async Task Refusals_without_end_fill_no_audit_and_are_counted()
    {
        await using TestBroker broker = await PreparedAsync();
        await using RawGuest raw = new(broker);
        const int times = RefusalBudget.AttestationsOfOne + 20;
        for (int i = 0; i < times; i++)
        {
            Assert.Equal(401, (await raw.SendAsync("POST", BrokerPaths.Auth, Encoding.UTF8.GetBytes("""{"version":"0.4.0","tee":"csv","extra-params":{}}"""))).Status);
        }

        Assert.Equal(RefusalBudget.AttestationsOfOne, (await broker.Admin.AuditAsync("challenge-refused")).Count);
        await broker.Host.Parts.FoldedRefusals.FlushAsync();
        Assert.Equal(20, Assert.Single(await broker.Admin.AuditAsync("refusals-counted")).GetProperty("count").GetInt64());

        // Who is refused hides nobody else's success.
        using BrokerSession session = await broker.AttestAsync(Guest);
        Assert.Single(await broker.Admin.AuditAsync("attested"));
    }

    private static async Task<TestBroker> PreparedAsync(Func<ReleaseRule, ReleaseRule>? change = null, bool simulated = true)
    {
        TestBroker broker = await TestBroker.StartAsync(simulated: simulated);
        ReleaseRule rule = TestBroker.RuleFor(Guest, Refusal.Password.Path);
        await broker.Admin.PutAsync(Refusal.Password.Path, Refusal.Secret);
        await broker.Admin.AllowAsync(change?.Invoke(rule) ?? rule);
        return broker;
    }

    private static async Task SignAsync(TestBroker broker, string policy)
    {
        byte[] document = Encoding.UTF8.GetBytes(policy);
        byte[] request = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>
        {
            ["document"] = Convert.ToBase64String(document),
            ["signature"] = DetachedSignature.Sign(JwtKey.Of(broker.Owner), document, DetachedSignature.PolicyType),
        });
        Assert.Equal(200, (await broker.Admin.SendAsync("POST", "/admin/v1/policies", request)).Status);
    }
}
