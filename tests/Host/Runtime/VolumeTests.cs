using System.Text.Json.Nodes;
using Pavise.Boundary.GuestApi;
using Pavise.Host.Tests.Runtime.Support;

namespace Pavise.Host.Tests.Runtime;

/// <summary>Where the host looks for what holds an encrypted volume.</summary>
[Collection(nameof(Commands))]
public sealed class VolumeTests
{
    [Fact]
    public async Task A_wanted_volume_is_plugged_from_the_bind_mount_at_its_place_and_attached_before_the_start()
    {
        using Rig rig = new();
        rig.Config["mounts"] = new JsonArray(new JsonObject { ["destination"] = "/data", ["type"] = "bind", ["source"] = "claim" });
        rig.Guest.Volumes.Add(new WantedVolume { Mount = "/data", Name = "data", Bytes = 5 });
        Assert.Equal((0, "", ""), await rig.CreateAsync());
        Assert.Equal((Path.Combine(rig.BundleFolder, "claim"), "data", 5ul), Assert.Single(Assert.Single(rig.Sandboxes).Plugged));
        AttachVolumeRequest attached = rig.Guest.Only<AttachVolumeRequest>();
        Assert.Equal((Rig.Id, "/data", 8u), (attached.ContainerId, attached.Mount, attached.Slot));
    }

    [Fact]
    public async Task Without_a_mount_there_nothing_is_left_and_the_message_says_what_is_missing()
    {
        using Rig rig = new();
        rig.Guest.Volumes.Add(new WantedVolume { Mount = "/data", Name = "data", Bytes = 5 });
        string error = (await rig.CreateAsync()).Error;
        Assert.Contains("the encrypted volume data at /data", error, StringComparison.Ordinal);
        Assert.Contains("neither a bind mount nor a block device", error, StringComparison.Ordinal);
        Assert.Empty(rig.Leftovers());
    }

    [Fact]
    public async Task A_volume_that_the_guest_refuses_leaves_nothing()
    {
        using Rig rig = new();
        rig.Config["mounts"] = new JsonArray(new JsonObject { ["destination"] = "/data", ["type"] = "bind", ["source"] = "claim" });
        rig.Guest.Volumes.Add(new WantedVolume { Mount = "/data", Name = "data", Bytes = 5 });
        rig.Guest.Refused.Add(nameof(IGuestService.AttachVolume));
        Assert.Equal((1, "", "AttachVolume is refused\n"), await rig.CreateAsync());
        Assert.Empty(rig.Leftovers());
    }

    [Theory]
    [InlineData("""[{"path":"/data","type":"b","major":0,"minor":0}]""")]
    [InlineData("""[{"path":"/data","type":"c","major":1,"minor":3}]""")]
    [InlineData("""[{"path":"/data","type":"b","major":-1,"minor":"x"}]""")]
    [InlineData("""[7,{"path":"/other","type":"b"}]""")]
    [InlineData("""{}""")]
    public async Task A_device_that_is_none_is_no_volume(string devices)
    {
        using Rig rig = new();
        rig.Config["linux"] = new JsonObject { ["devices"] = JsonNode.Parse(devices) };
        rig.Guest.Volumes.Add(new WantedVolume { Mount = "/data", Name = "data", Bytes = 5 });
        Assert.Contains("neither a bind mount nor a block device", (await rig.CreateAsync()).Error, StringComparison.Ordinal);
    }
}
