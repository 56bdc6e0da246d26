using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Session.Client;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Tests.Admin;

public sealed class AdminTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_without_the_configured_key_does_not_get_past_the_handshake()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using ECDsa stranger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        await using TestAdmin other = new(broker.AdminEndpoint, TestBroker.Connector(broker.Host.AdminAddress), TestBroker.SelfSigned("alice", stranger));
        await Assert.ThrowsAsync<BrokerException>(() => other.SendAsync("GET", "/admin/v1/status"));
        await using HttpConnection none = new(TestBroker.Connector(broker.Host.AdminAddress), broker.AdminEndpoint);
        await Assert.ThrowsAsync<BrokerException>(() => none.SendAsync("GET", "/admin/v1/status", [], null, false, Stop));
    }

    [Theory]
    [InlineData("GET", "/admin/v1/status")]
    [InlineData("GET", "/admin/v1/resource/a/b/c")]
    [InlineData("PUT", "/admin/v1/resource/a/b/c")]
    [InlineData("POST", "/admin/v1/rules")]
    [InlineData("POST", "/kbs/v0/resource/a/b/c")]
    [InlineData("POST", "/kbs/v0/resource-policy")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/admin/")]
    public async Task Administration_on_the_guests_listener_is_refused(string method, string path)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using RawGuest raw = new(broker);
        HttpAnswer answer = await raw.SendAsync(method, path, method == "GET" ? null : "{}"u8.ToArray());
        Assert.Equal((401, "admin-listener"), (answer.Status, RawGuest.Reason(answer)));
    }

    [Fact]
    public async Task Trustees_way_of_putting_a_resource_works_and_its_policies_are_refused_with_a_hint()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        Assert.Equal(200, (await broker.Admin.SendAsync("POST", BrokerPaths.Resource + "a/b/c", "content"u8.ToArray())).Status);
        Assert.Equal("content", Encoding.UTF8.GetString((await broker.Admin.SendAsync("GET", "/admin/v1/resource/a/b/c")).Body));
        HttpAnswer rego = await broker.Admin.SendAsync("POST", "/kbs/v0/resource-policy", "{}"u8.ToArray());
        Assert.Equal((501, "release-rules"), (rego.Status, RawGuest.Reason(rego)));
    }

    [Fact]
    public async Task What_administrators_do_is_audited_with_their_name()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await broker.Admin.PutAsync("a/b/c", [1, 2, 3]);
        await broker.Admin.SendAsync("GET", "/admin/v1/resource/a/b/c");
        long rule = await broker.Admin.AllowAsync(TestBroker.RuleFor(new(TestPolicies.Of("redis", 1)), "a/b/c"));
        await broker.Admin.SendAsync("DELETE", $"/admin/v1/rules/{rule}");
        await broker.Admin.SendAsync("DELETE", "/admin/v1/resource/a/b/c");
        IReadOnlyList<JsonElement> entries = await broker.Admin.AuditAsync();
        Assert.Equal(["put", "read", "allowed", "revoked", "deleted"], entries.Select(e => AuditText.Text(e, "kind")));
        Assert.All(entries, e => Assert.Equal("alice", AuditText.Text(e, "by")));
    }

    [Theory]
    [InlineData("""{"resource":"a/b/c","policy":{"sha256":"00"},"tees":["snp"]}""")]
    [InlineData("""{"resource":"a/b","policy":{"owner":"alice","name":"x","minimumVersion":1}}""")]
    [InlineData("""{"resource":"a/b/c","policy":{"owner":"mallory","name":"x","minimumVersion":1}}""")]
    [InlineData("""{"resource":"a/b/c","policy":{"owner":"alice","name":"x","minimumVersion":1},"instnces":1}""")]
    [InlineData("""{"resource":"a/b/c","policy":{"owner":"alice","name":"x","minimumVersion":1},"tees":["sgx"]}""")]
    [InlineData("""{"resource":"a/b/c"}""")]
    [InlineData("""[]""")]
    [InlineData("""{""")]
    public async Task A_rule_that_is_not_understood_whole_is_refused(string rule)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        HttpAnswer answer = await broker.Admin.SendAsync("POST", "/admin/v1/rules", Encoding.UTF8.GetBytes(rule));
        Assert.Equal((400, "malformed"), (answer.Status, RawGuest.Reason(answer)));
    }

    [Fact]
    public async Task Health_readiness_metrics_and_the_status_are_there()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using BrokerSession session = await broker.AttestAsync(new(TestPolicies.Of("redis", 1)));
        await using RawGuest raw = new(broker);
        Assert.Equal(200, (await raw.SendAsync("GET", "/healthz", null)).Status);
        Assert.Equal(200, (await raw.SendAsync("GET", "/readyz", null)).Status);
        string metrics = Encoding.UTF8.GetString((await broker.Admin.SendAsync("GET", "/metrics")).Body);
        Assert.Contains("pavise_keybroker_attestations_total{tee=\"sim\",result=\"accepted\"} ", metrics, StringComparison.Ordinal);
        JsonElement status = JsonDocument.Parse((await broker.Admin.SendAsync("GET", "/admin/v1/status")).Body).RootElement;
        JsonElement guest = Assert.Single(status.GetProperty("guests").EnumerateArray());
        Assert.Equal("redis@1", guest.GetProperty("workload").GetString());
        Assert.Equal("attested", Assert.Single(status.GetProperty("recent").EnumerateArray()).GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Who_asks_too_much_is_told_to_wait()
    {
        await using TestBroker broker = await TestBroker.StartAsync(change: c => c with { AttestationsPerSecond = 1 });
        await using RawGuest raw = new(broker);
        List<int> statuses = [];
        for (int i = 0; i < 12; i++)
        {
            statuses.Add((await raw.SendAsync("POST", BrokerPaths.Auth, new AuthRequest("sim", []).Write())).Status);
        }

        Assert.Contains(429, statuses);
        Assert.Equal(200, statuses[0]);
    }
}
