using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Session;
using Pavise.Session.Admin;
using Pavise.Session.Client;
using Pavise.Session.Extensions;
using Pavise.Session.Jose;

namespace Pavise.KeyBroker.Tests.Guests;

public sealed class ReleaseTests
{
    private static readonly ResourceUri Password = ResourceUri.Parse("kbs:///redis/secrets/password");
    private static readonly byte[] Secret = Encoding.UTF8.GetBytes("correct horse");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_secret_is_released_to_the_guest_that_the_rule_names_alone_or_in_a_batch()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        SimulatedGuest guest = await PreparedAsync(broker);
        using BrokerSession session = await broker.AttestAsync(guest);
        Assert.Equal(Secret, await session.GetAsync(Password, Stop));
        IReadOnlyList<ResourceAnswer> batch = await session.GetAsync([Password, ResourceUri.Parse("redis/secrets/other")], Stop);
        Assert.Equal(Secret, batch[0].Content);
        Assert.Equal("no-rule", batch[1].Refusal!.Reason);
        Assert.Equal(2, (await broker.Admin.AuditAsync("released")).Count);
    }

    [Fact]
    public async Task A_guest_with_a_key_on_P_521_gets_the_same()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        SimulatedGuest guest = await PreparedAsync(broker);
        await using BrokerClient client = broker.Client();
        using BrokerSession session = await client.AttestAsync(guest.Parameters with { P521 = true }, Stop);
        Assert.Equal(Secret, await session.GetAsync(Password, Stop));
    }

    [Fact]
    public async Task Nothing_is_released_where_no_rule_speaks_of_it()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await broker.Admin.PutAsync(Password.Path, Secret);
        using BrokerSession session = await broker.AttestAsync(new(TestPolicies.Of("redis", 1)));
        Assert.Equal("no-rule", (await RefusedAsync(session)).Problem!.Reason);
        Assert.Equal("no-rule", (await Assert.ThrowsAsync<BrokerException>(() => session.GetAsync(ResourceUri.Parse("is/not/there"), Stop))).Problem!.Reason);
    }

    [Fact]
    public async Task What_a_rule_permits_and_nobody_put_is_not_found()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        SimulatedGuest guest = new(TestPolicies.Of("redis", 1));
        await broker.Admin.AllowAsync(TestBroker.RuleFor(guest, "redis/*/*"));
        using BrokerSession session = await broker.AttestAsync(guest);
        Assert.Equal(BrokerFailure.NotFound, (await RefusedAsync(session)).Failure);
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "policy", "policy-digest" },
        { "measurement", "measurement" },
        { "no measurement", "measurement" },
        { "tee", "evidence.kind" },
        { "workload", "rule.workload" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_rule_refuses_another(string what, string check)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        SimulatedGuest guest = new(TestPolicies.Of("redis", 1));
        ReleaseRule rule = TestBroker.RuleFor(guest, Password.Path);
        rule = what switch
        {
            "policy" => TestBroker.RuleFor(new(TestPolicies.Of("redis", 2)), Password.Path),
            "measurement" => rule with { Measurements = [new string('0', 96)] },
            "no measurement" => rule with { Measurements = [] },
            "tee" => rule with { Tees = ["snp", "tdx"] },
            _ => rule with { Workload = "postgres" },
        };
        await broker.Admin.PutAsync(Password.Path, Secret);
        await broker.Admin.AllowAsync(rule);
        using BrokerSession session = await broker.AttestAsync(guest);
        BrokerException refusal = await RefusedAsync(session);
        Assert.Equal(BrokerFailure.Refused, refusal.Failure);
        Assert.Contains(check, refusal.Problem!.Detail, StringComparison.Ordinal);
        Assert.Equal([check], AuditText.Failing(Assert.Single(await broker.Admin.AuditAsync("refused"))));
    }

    [Fact]
    public async Task A_revoked_rule_releases_no_more()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        SimulatedGuest guest = new(TestPolicies.Of("redis", 1));
        await broker.Admin.PutAsync(Password.Path, Secret);
        long rule = await broker.Admin.AllowAsync(TestBroker.RuleFor(guest, Password.Path));
        using BrokerSession session = await broker.AttestAsync(guest);
        Assert.Equal(Secret, await session.GetAsync(Password, Stop));
        Assert.Equal(200, (await broker.Admin.SendAsync("DELETE", $"/admin/v1/rules/{rule}")).Status);
        Assert.Equal("no-rule", (await RefusedAsync(session)).Problem!.Reason);
    }

    [Fact]
    public async Task A_one_shot_secret_is_released_to_one_key_until_it_is_put_anew()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        SimulatedGuest guest = new(TestPolicies.Of("redis", 1));
        await broker.Admin.PutAsync(Password.Path, Secret);
        await broker.Admin.AllowAsync(TestBroker.RuleFor(guest, Password.Path) with { Releases = 1 });
        using BrokerSession first = await broker.AttestAsync(guest), second = await broker.AttestAsync(guest);
        Assert.Equal(Secret, await first.GetAsync(Password, Stop));
        Assert.Equal("released-before", (await RefusedAsync(second)).Problem!.Reason);
        Assert.Equal(Secret, await first.GetAsync(Password, Stop));
        await broker.Admin.PutAsync(Password.Path, Secret);
        Assert.Equal(Secret, await second.GetAsync(Password, Stop));
        Assert.Equal("released-before", (await RefusedAsync(first)).Problem!.Reason);
    }

    [Fact]
    public async Task Of_many_guests_at_once_exactly_as_many_get_a_counted_secret_as_the_rule_permits()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        SimulatedGuest guest = new(TestPolicies.Of("redis", 1));
        await broker.Admin.PutAsync(Password.Path, Secret);
        await broker.Admin.AllowAsync(TestBroker.RuleFor(guest, Password.Path) with { Releases = 3 });
        bool[] got = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            using BrokerSession session = await broker.AttestAsync(guest);
            try
            {
                return (await session.GetAsync(Password, Stop)).AsSpan().SequenceEqual(Secret);
            }
            catch (BrokerException e) when (e.Problem?.Reason == "released-before")
            {
                return false;
            }
        }));
        Assert.Equal(3, got.Count(g => g));
    }

    [Fact]
    public async Task A_policy_that_an_owner_signed_is_released_to_from_a_version_on_and_never_to_an_older_one_again()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        SimulatedGuest[] versions = [.. Enumerable.Range(1, 3).Select(v => new SimulatedGuest(TestPolicies.Of("redis", v)))];
        await broker.Admin.PutAsync(Password.Path, Secret);
        await broker.Admin.AllowAsync(TestBroker.RuleFor(versions[0], Password.Path) with { Policy = PolicyDemand.Signed("alice", "redis", 2) });
        using BrokerSession unsigned = await broker.AttestAsync(versions[1]);
        Assert.Contains("rule.signed-policy", (await RefusedAsync(unsigned)).Problem!.Detail, StringComparison.Ordinal);
        foreach (SimulatedGuest version in versions)
        {
            await SignAsync(broker, version.Policy);
        }

        using BrokerSession one = await broker.AttestAsync(versions[0]), two = await broker.AttestAsync(versions[1]), three = await broker.AttestAsync(versions[2]);
        Assert.Contains("rule.policy-version", (await RefusedAsync(one)).Problem!.Detail, StringComparison.Ordinal);
        Assert.Equal(Secret, await two.GetAsync(Password, Stop));
        Assert.Equal(Secret, await three.GetAsync(Password, Stop));
        Assert.Equal("older-policy", (await RefusedAsync(two)).Problem!.Reason);
    }

    [Fact]
    public async Task A_signature_of_somebody_else_or_over_another_policy_is_no_signature()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        string policy = TestPolicies.Of("redis", 1);
        using ECDsa stranger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        string foreign = DetachedSignature.Sign(JwtKey.Of(stranger), Encoding.UTF8.GetBytes(policy), DetachedSignature.PolicyType);
        string own = DetachedSignature.Sign(JwtKey.Of(broker.Owner), Encoding.UTF8.GetBytes(policy), DetachedSignature.PolicyType);
        Assert.Equal(400, (await PostPolicyAsync(broker, policy, foreign)).Status);
        Assert.Equal(400, (await PostPolicyAsync(broker, TestPolicies.Of("redis", 2), own)).Status);
        Assert.Equal(200, (await PostPolicyAsync(broker, policy, own)).Status);
        string other = TestPolicies.Of("redis", 1, "other");
        Assert.Equal(400, (await PostPolicyAsync(broker, other, DetachedSignature.Sign(JwtKey.Of(broker.Owner), Encoding.UTF8.GetBytes(other), DetachedSignature.PolicyType))).Status);
    }

    [Fact]
    public async Task Who_signs_what_another_signed_before_takes_nothing_from_him()
    {
        using ECDsa bob = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] spki = bob.ExportSubjectPublicKeyInfo();
        await using TestBroker broker = await TestBroker.StartAsync(change: c => c with { Administrators = c.Administrators.Add(new("bob", Convert.ToHexStringLower(SHA256.HashData(spki)), spki)) });
        SimulatedGuest guest = new(TestPolicies.Of("redis", 1));
        await broker.Admin.PutAsync(Password.Path, Secret);
        await broker.Admin.AllowAsync(TestBroker.RuleFor(guest, Password.Path) with { Policy = PolicyDemand.Signed("alice", "redis", 1) });
        await SignAsync(broker, guest.Policy);
        Assert.Equal(200, (await PostPolicyAsync(broker, guest.Policy, DetachedSignature.Sign(JwtKey.Of(bob), Encoding.UTF8.GetBytes(guest.Policy), DetachedSignature.PolicyType))).Status);
        using BrokerSession session = await broker.AttestAsync(guest);
        Assert.Equal(Secret, await session.GetAsync(Password, Stop));
    }

    private static async Task<SimulatedGuest> PreparedAsync(TestBroker broker)
    {
        SimulatedGuest guest = new(TestPolicies.Of("redis", 1));
        await broker.Admin.PutAsync(Password.Path, Secret);
        await broker.Admin.AllowAsync(TestBroker.RuleFor(guest, Password.Path));
        return guest;
    }

    private static async Task SignAsync(TestBroker broker, string policy) =>
        Assert.Equal(200, (await PostPolicyAsync(broker, policy, DetachedSignature.Sign(JwtKey.Of(broker.Owner), Encoding.UTF8.GetBytes(policy), DetachedSignature.PolicyType))).Status);

    private static Task<HttpAnswer> PostPolicyAsync(TestBroker broker, string policy, string signature) => broker.Admin.SendAsync(
        "POST", "/admin/v1/policies", JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["document"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(policy)), ["signature"] = signature }));

    private static Task<BrokerException> RefusedAsync(BrokerSession session) => Assert.ThrowsAsync<BrokerException>(() => session.GetAsync(Password, Stop));
}
