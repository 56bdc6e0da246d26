using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Pavise.Guest.Broker;
using Pavise.Guest.Secrets;
using Pavise.Policy.Json;
using Pavise.Policy.Model;
using Pavise.Session.Client;
using Pavise.Session.Extensions;

namespace Pavise.Guest.Tests.Broker;

/// <summary>What a launch does at its key broker, in which order, and what is done without.</summary>
public sealed class BrokerProvisionerTests
{
    private readonly FakeBroker broker = new();
    private readonly ManualTime time = new();
    private long sequence = 3;

    private AuditHead Head() => new(new string('a', 64), sequence, new string('b', 64));

    private (BrokerProvisioner Provisioner, InstanceLease? Lease) Make(string[] secrets, string[] sealedResources, bool hasLease)
    {
        JsonObject policy = JsonNode.Parse($$"""
            { "apiVersion": "pavise.dev/v1", "kind": "Policy", "metadata": { "name": "shop", "version": 1 },
              "containers": [ { "name": "main", "image": { "rootfs": "verity-sha256:{{new string('1', 64)}}" }, "process": { "args": ["x"], "user": { "uid": 0, "gid": 0 }, "env": {} } } ],
              "attestation": { "keyBroker": { "url": "https://kb:8443", "key": "spki-sha256:{{new string('0', 64)}}" } } }
            """)!.AsObject();
        using ECDsa owner = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        string spki = Convert.ToBase64String(owner.ExportSubjectPublicKeyInfo());
        policy["owners"] = new JsonArray(new JsonObject { ["name"] = "alice", ["signKey"] = spki, ["sealKey"] = spki, ["may"] = new JsonArray("seal") });
        policy["secrets"] = new JsonArray([.. secrets.Select((s, i) => new JsonObject { ["resource"] = s, ["to"] = new JsonObject { ["container"] = "main", ["env"] = $"S{i}" } })]);
        if (sealedResources.Length > 0)
        {
            policy["containers"]![0]!["process"]!["env"]!["P"] = new JsonObject { ["from"] = "host", ["sealed"] = new JsonArray([.. sealedResources.Select(s => (JsonNode)s)]) };
        }

        PolicyDocument document = PolicyDocument.FromTree(JsonTree.Parse(Encoding.UTF8.GetBytes(policy.ToJsonString()), 100_000));
        InstanceLease? lease = hasLease ? new(broker, new(1, "kbs:///shop/leases/main", 60), time, _ => { }) : null;
        return (new(broker, document, lease, new(broker, Head, time), time), lease);
    }

    [Fact]
    public async Task The_lease_comes_before_any_secret_and_the_audits_head_after_and_all_is_told_at_the_end()
    {
        (BrokerProvisioner provisioner, InstanceLease? lease) = Make(["kbs:///a/b/c"], [], hasLease: true);
        using (lease)
        {
            Assert.Equal([1], (await provisioner.GetAsync(default)).Get("kbs:///a/b/c").ToArray());
            Assert.Equal(["attest", "acquire kbs:///shop/leases/main 60", "get", "head 3"], [await broker.NextAsync(), await broker.NextAsync(), await broker.NextAsync(), await broker.NextAsync()]);
            sequence = 9;
            await provisioner.EndAsync(default);
            Assert.Equal(("head 9", "release 7"), (await broker.NextAsync(), await broker.NextAsync()));
        }
    }

    [Fact]
    public async Task Without_the_lease_no_secret_is_even_asked_for()
    {
        broker.Fails = FakeBroker.Failure(BrokerFailure.Conflict);
        (BrokerProvisioner provisioner, InstanceLease? lease) = Make(["kbs:///a/b/c"], [], hasLease: true);
        using (lease)
        {
            await Assert.ThrowsAsync<ProvisioningException>(() => provisioner.GetAsync(default));
            broker.HasExtensions = false;
            broker.Fails = null;
            Assert.Contains("gives none", (await Assert.ThrowsAsync<ProvisioningException>(() => provisioner.GetAsync(default))).Message, StringComparison.Ordinal);
            while (broker.TryNext(out string? call))
            {
                Assert.NotEqual("get", call);
            }
        }
    }

    [Fact]
    public async Task A_secret_that_is_refused_is_missed_and_what_only_sealed_values_use_is_not()
    {
        (BrokerProvisioner provisioner, _) = Make(["kbs:///a/b/c"], ["kbs:///a/b/refused"], hasLease: false);
        ReleasedSecrets released = await provisioner.GetAsync(default);
        Assert.Contains("no rule", Assert.Throws<InvalidDataException>(() => released.Get("kbs:///a/b/refused")).Message, StringComparison.Ordinal);
        (BrokerProvisioner other, _) = Make(["kbs:///a/b/refused"], [], hasLease: false);
        await Assert.ThrowsAsync<ProvisioningException>(() => other.GetAsync(default));
        await provisioner.EndAsync(default);
    }

    [Fact]
    public async Task Where_the_policy_needs_nothing_of_the_broker_nobody_waits_for_it_and_the_head_is_left_when_it_answers()
    {
        broker.Fails = FakeBroker.Failure(BrokerFailure.WrongBroker);
        (BrokerProvisioner provisioner, _) = Make([], [], hasLease: false);
        Assert.Same(ReleasedSecrets.None, await provisioner.GetAsync(default));
        Assert.Equal("attest", await broker.NextAsync());
        broker.Fails = null;
        for (int i = 0; i < 2000 && time.Waiting == 0; i++)
        {
            await Task.Delay(10);
        }

        time.Advance(AuditCheckpoints.Interval);
        Assert.Equal(("attest", "head 3"), (await broker.NextAsync(), await broker.NextAsync()));
        await provisioner.EndAsync(default);
        Assert.Equal(Head(), broker.Head);
    }

    [Fact]
    public async Task A_broker_that_never_answers_is_given_up()
    {
        broker.Holds = new();
        (BrokerProvisioner provisioner, _) = Make(["kbs:///a/b/c"], [], hasLease: false);
        Task<ReleasedSecrets> released = provisioner.GetAsync(default);
        Assert.Equal("attest", await broker.NextAsync());
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Contains("did not answer within 30 s", (await Assert.ThrowsAsync<ProvisioningException>(() => released)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_ends_each_connection_late_is_given_up_as_soon()
    {
        TaskCompletionSource first = broker.Holds = new();
        broker.Fails = FakeBroker.Failure(BrokerFailure.Unreachable);
        (BrokerProvisioner provisioner, _) = Make(["kbs:///a/b/c"], [], hasLease: false);
        Task<ReleasedSecrets> released = provisioner.GetAsync(default);
        Assert.Equal("attest", await broker.NextAsync());
        time.Advance(TimeSpan.FromSeconds(20));
        broker.Holds = new();
        first.SetResult();
        for (int i = 0; i < 2000 && time.Waiting < 2; i++)
        {
            await Task.Delay(10);
        }

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("attest", await broker.NextAsync());
        Assert.False(released.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Contains("did not answer within 30 s", (await Assert.ThrowsAsync<ProvisioningException>(() => released)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_head_is_left_where_it_changed_and_again_where_it_did_not_arrive()
    {
        AuditCheckpoints checkpoints = new(broker, Head, time);
        await checkpoints.LeaveAsync(default);
        await checkpoints.LeaveAsync(default);
        Assert.Equal("head 3", await broker.NextAsync());
        Assert.False(broker.TryNext(out _));
        sequence = 4;
        broker.Fails = FakeBroker.Failure(BrokerFailure.Unreachable);
        await checkpoints.LeaveAsync(default);
        broker.Fails = null;
        await checkpoints.LeaveAsync(default);
        Assert.Equal(("head 4", "head 4"), (await broker.NextAsync(), await broker.NextAsync()));
        Assert.Equal(4, broker.Head!.Sequence);
    }
}
