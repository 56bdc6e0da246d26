using System.Text.Json.Nodes;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;
using Pavise.Policy.Tests.Support;

namespace Pavise.Policy.Tests.Engine;

/// <summary>Encrypted volumes: all of them is the policy's, but where the host keeps them.</summary>
public sealed class VolumeTests
{
    private static readonly PolicyDocument Policy = Sample.WithEncryptedVolume();

    [Fact]
    public void The_plan_names_size_key_and_freshness_as_the_policy_does_whatever_the_host_mounts()
    {
        PolicyState created = Sample.Attached(Policy).Do(Policy, Sample.Create(s => s["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/data", ["type"] = "tmpfs", ["source"] = "evil", ["options"] = new JsonArray("size=1") })));
        AttachVolumePlan plan = Assert.IsType<AttachVolumePlan>(PolicyEngine.Decide(Policy, created, new AttachVolume("c1", "/data", 3)).Plan);
        Assert.Equal((3u, new EncryptedVolumePlan("data", 1ul << 30, "kbs:///a/b/c", true)), (plan.Slot, plan.Volume));
    }

    [Fact]
    public void A_container_starts_once_its_volume_is_open_and_a_second_one_finds_it_so()
    {
        PolicyState attached = Sample.Attached(Policy).Do(Policy, Sample.Create()).Do(Policy, Sample.Hosts).Do(Policy, Sample.Pinned).Do(Policy, new AttachVolume("c1", "/data", 3));
        Assert.True(PolicyEngine.Decide(Policy, attached, new StartContainer("c1")).Refusal is null);
        PolicyState again = attached.Do(Policy, new StartContainer("c1")).AfterExit("c1", "", 0).Do(Policy, Sample.Create(id: "c2"))
            .Do(Policy, Sample.Hosts with { ContainerId = "c2" }).Do(Policy, Sample.Pinned with { ContainerId = "c2" });
        Assert.True(PolicyEngine.Decide(Policy, again, new StartContainer("c2")).Refusal is null);
    }

    [Theory]
    [InlineData("/data", "b", true)]
    [InlineData("/data", "c", false)]
    [InlineData("/dev/sda", "b", false)]
    public void A_block_device_is_accepted_only_as_what_holds_a_volume(string path, string type, bool accepted)
    {
        CreateContainer request = Sample.Create(s => s["linux"]!["devices"] = new JsonArray(new JsonObject { ["path"] = path, ["type"] = type, ["major"] = 8, ["minor"] = 16 }));
        Decision decision = PolicyEngine.Decide(Policy, Sample.Attached(Policy), request);
        Assert.Equal(accepted, decision.Refusal is null);
        PolicyDocument memory = Sample.Document();
        Assert.NotNull(PolicyEngine.Decide(memory, Sample.Attached(memory), request).Refusal);
    }
}
