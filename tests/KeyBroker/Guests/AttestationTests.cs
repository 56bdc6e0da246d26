using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Session;
using Pavise.Session.Client;
using Pavise.Session.Jose;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Tests.Guests;

public sealed class AttestationTests
{
    private static readonly SimulatedGuest Guest = new(TestPolicies.Of("redis", 1));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_says_what_was_attested_and_verifies_under_the_brokers_key()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await broker.Admin.AllowAsync(TestBroker.RuleFor(Guest, "a/b/c"));
        await using RawGuest raw = new(broker);
        await raw.ChallengeAsync();
        using ExchangeKey key = ExchangeKey.CreateP256();
        HttpAnswer answer = await raw.AttestAsync(raw.Request(Guest, key.Public));
        Assert.Equal(200, answer.Status);
        AttestAnswer attested = AttestAnswer.Parse(answer.Body);
        EarToken token = EarToken.Verify(attested.Token, attested.VerificationKeys(), DateTimeOffset.UtcNow);
        Assert.Equal(("affirming", "sim", SimulatedGuest.GoodMeasurement, "redis@1", raw.Challenge.Nonce), (token.Status, token.Tee, token.Measurement, token.Policy, token.Nonce));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Guest.Policy))), token.InitData);
        Assert.Equal(key.Public.Thumbprint, token.TeePublicKey.Thumbprint);
        JsonElement entry = Assert.Single(await broker.Admin.AuditAsync("attested"));
        Assert.Contains("sim.signature: passed", entry.GetProperty("checks").EnumerateArray().Select(c => c.GetString()));
        Assert.Contains("measurement: not-evaluated", entry.GetProperty("checks").EnumerateArray().Select(c => c.GetString()));
    }

    [Fact]
    public async Task A_debug_guest_is_refused() => await RefusedAsync(Guest with { Debug = true }, "guest-policy.debug");

    [Fact]
    public async Task A_policy_that_the_launch_does_not_bind_is_refused() => await RefusedAsync(Guest with { HostData = new byte[32] }, "policy-digest");

    [Fact]
    public async Task A_challenge_is_good_for_one_attempt()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using RawGuest raw = new(broker);
        await raw.ChallengeAsync();
        using ExchangeKey key = ExchangeKey.CreateP256();
        AttestRequest request = raw.Request(Guest, key.Public);
        Assert.Equal(200, (await raw.AttestAsync(request)).Status);
        HttpAnswer again = await raw.AttestAsync(request);
        Assert.Equal((401, "challenge-used"), (again.Status, RawGuest.Reason(again)));
        Assert.Equal("challenge-used", AuditText.Text(Assert.Single(await broker.Admin.AuditAsync("attestation-refused")), "reason"));
    }

    [Fact]
    public async Task A_nonce_of_another_challenge_is_refused()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using RawGuest one = new(broker), two = new(broker);
        await one.ChallengeAsync();
        await two.ChallengeAsync();
        using ExchangeKey key = ExchangeKey.CreateP256();
        HttpAnswer answer = await two.AttestAsync(one.Request(Guest, key.Public));
        Assert.Equal((401, "other-nonce"), (answer.Status, RawGuest.Reason(answer)));
    }

    [Fact]
    public async Task Evidence_for_another_key_is_refused()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using RawGuest raw = new(broker);
        await raw.ChallengeAsync();
        using ExchangeKey key = ExchangeKey.CreateP256(), other = ExchangeKey.CreateP256();
        HttpAnswer answer = await raw.AttestAsync(raw.Request(Guest, key.Public) with { TeePublicKey = other.Public });
        Assert.Equal(401, answer.Status);
        Assert.Equal(["report-data"], AuditText.Failing(Assert.Single(await broker.Admin.AuditAsync("attestation-refused"))));
    }

    [Fact]
    public async Task Evidence_for_another_exchange_is_refused()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using RawGuest one = new(broker), two = new(broker);
        await one.ChallengeAsync();
        await two.ChallengeAsync();
        using ExchangeKey key = ExchangeKey.CreateP256();
        HttpAnswer answer = await two.AttestAsync(one.Request(Guest, key.Public) with { Nonce = two.Challenge.Nonce });
        Assert.Equal(401, answer.Status);
        Assert.Equal(["report-data"], AuditText.Failing(Assert.Single(await broker.Admin.AuditAsync("attestation-refused"))));
    }

    [Fact]
    public async Task Simulated_evidence_is_refused_in_production_under_either_name()
    {
        await using TestBroker broker = await TestBroker.StartAsync(simulated: false);
        await using RawGuest raw = new(broker);
        HttpAnswer auth = await raw.SendAsync("POST", BrokerPaths.Auth, new AuthRequest("sim", []).Write());
        Assert.Equal((401, "evidence-refused"), (auth.Status, RawGuest.Reason(auth)));
        await raw.ChallengeAsync("snp");
        using ExchangeKey key = ExchangeKey.CreateP256();
        HttpAnswer answer = await raw.AttestAsync(raw.Request(Guest, key.Public));
        Assert.Equal(401, answer.Status);
        Assert.Contains("snp.chain.leaf", AuditText.Failing(Assert.Single(await broker.Admin.AuditAsync("attestation-refused"))));
    }

    [Fact]
    public async Task A_session_ends_with_its_time_by_cookie_and_by_token()
    {
        ManualClock clock = new();
        await using TestBroker broker = await TestBroker.StartAsync(clock: clock);
        using BrokerSession session = await broker.AttestAsync(Guest);
        await using RawGuest raw = new(broker);
        KeyValuePair<string, string> bearer = new("Authorization", "Bearer " + session.Token);
        Assert.Equal("no-rule", RawGuest.Reason(await raw.SendAsync("GET", BrokerPaths.Resource + "a/b/c", null, bearer)));
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("no-session", RawGuest.Reason(await raw.SendAsync("GET", BrokerPaths.Resource + "a/b/c", null, bearer)));
        BrokerException ended = await Assert.ThrowsAsync<BrokerException>(() => session.GetAsync(ResourceUri.Parse("a/b/c"), Stop));
        Assert.Equal(BrokerFailure.Unauthenticated, ended.Failure);
    }

    [Fact]
    public async Task A_challenge_ends_with_its_time()
    {
        ManualClock clock = new();
        await using TestBroker broker = await TestBroker.StartAsync(clock: clock);
        await using RawGuest raw = new(broker);
        await raw.ChallengeAsync();
        clock.Advance(TimeSpan.FromSeconds(121));
        using ExchangeKey key = ExchangeKey.CreateP256();
        Assert.Equal("no-session", RawGuest.Reason(await raw.AttestAsync(raw.Request(Guest, key.Public))));
    }

    [Fact]
    public async Task A_changed_token_is_no_token()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using BrokerSession session = await broker.AttestAsync(Guest);
        await using RawGuest raw = new(broker);
        string[] parts = session.Token.Split('.');
        string[] forged =
        [
            $"{parts[0]}.{parts[1]}.{parts[2][..^4]}AAAA",
            $"{parts[0]}.{parts[1]}.",
            $"eyJhbGciOiJub25lIn0.{parts[1]}.",
            session.Token + "A",
        ];
        foreach (string token in forged)
        {
            Assert.Equal("no-session", RawGuest.Reason(await raw.SendAsync("GET", BrokerPaths.Resource + "a/b/c", null, new KeyValuePair<string, string>("Authorization", "Bearer " + token))));
        }
    }

    [Fact]
    public async Task Another_broker_than_the_pinned_one_gets_nothing()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        bool asked = false;
        await using BrokerClient client = new(TestBroker.Connector(broker.Host.GuestAddress), broker.Endpoint with { KeySha256 = new byte[32] });
        AttestParameters parameters = Guest.Parameters with { Evidence = (_, _) => throw new InvalidOperationException($"evidence was asked for {asked = true}") };
        BrokerException refused = await Assert.ThrowsAsync<BrokerException>(() => client.AttestAsync(parameters, Stop));
        Assert.Equal(BrokerFailure.WrongBroker, refused.Failure);
        Assert.False(asked);
    }

    private static async Task RefusedAsync(SimulatedGuest guest, string check)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        BrokerException refused = await Assert.ThrowsAsync<BrokerException>(() => broker.AttestAsync(guest));
        Assert.Equal(BrokerFailure.Unauthenticated, refused.Failure);
        Assert.Contains(check, refused.Problem!.Detail, StringComparison.Ordinal);
        Assert.Equal([check], AuditText.Failing(Assert.Single(await broker.Admin.AuditAsync("attestation-refused"))));
    }
}
