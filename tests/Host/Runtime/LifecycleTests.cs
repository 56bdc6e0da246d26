using System.Text.Json.Nodes;
using Pavise.Boundary.GuestApi;
using Pavise.Host.Tests.Runtime.Support;

namespace Pavise.Host.Tests.Runtime;

[Collection(nameof(Commands))]
public sealed class LifecycleTests
{
    [Fact]
    public async Task A_container_goes_through_created_running_paused_stopped_and_leaves_nothing()
    {
        using Rig rig = new();
        string pidFile = Path.Combine(rig.Folder, "pid");
        Assert.Equal((0, "", ""), await rig.CreateAsync("--pid-file", pidFile));
        JsonNode state = JsonNode.Parse((await rig.RunAsync("state", Rig.Id)).Output)!;
        Assert.Equal(("1.0.2", Rig.Id, "created", rig.BundleFolder), ((string?)state["ociVersion"], (string?)state["id"], (string?)state["status"], (string?)state["bundle"]));
        Assert.Equal(await File.ReadAllTextAsync(pidFile), state["pid"]!.ToString());
        Assert.Equal("process", (string?)state["annotations"]!["dev.pavise.machine"]);
        Assert.Equal("true", (string?)state["annotations"]!["dev.pavise.shielded"]);

        Assert.Equal((0, "", ""), await rig.RunAsync("start", Rig.Id));
        Assert.Equal("running", await rig.StatusAsync());
        Assert.Equal((0, "", ""), await rig.RunAsync("pause", Rig.Id));
        Assert.Equal("paused", await rig.StatusAsync());
        Assert.Equal((0, "", ""), await rig.RunAsync("resume", Rig.Id));
        rig.EndHostProcess();
        Assert.Equal("stopped", await rig.StatusAsync());
        Assert.Equal((0, "", ""), await rig.RunAsync("delete", Rig.Id));
        Assert.Empty(rig.Leftovers());
        Assert.Equal((1, $"container {Rig.Id} does not exist"), await FailureAsync(rig, "state", Rig.Id));
    }

    [Fact]
    public async Task What_the_guest_gets_is_the_raw_configuration_and_the_policy_as_it_came()
    {
        using Rig rig = new();
        await rig.CreateAsync();
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(rig.BundleFolder, "config.json")), rig.Guest.Only<CreateContainerRequest>().Spec.ToByteArray());
        Assert.Equal("{}"u8.ToArray(), rig.Launched!.Policy.ToArray());
        Assert.Equal((7u, 5ul), (rig.Guest.Only<AttachImageRequest>().Slot, rig.Guest.Only<AttachImageRequest>().DataBlocks));
    }

    [Fact]
    public async Task Commands_in_the_wrong_state_say_so_as_engines_expect_and_ask_the_guest_nothing()
    {
        using Rig rig = new();
        await rig.StartedAsync();
        Assert.Equal((1, $"cannot start a container that is running: {Rig.Id}"), await FailureAsync(rig, "start", Rig.Id));
        Assert.Equal((1, $"cannot delete container {Rig.Id} that is not stopped: running"), await FailureAsync(rig, "delete", Rig.Id));
        Assert.Equal((1, $"cannot resume a container that is running: {Rig.Id}"), await FailureAsync(rig, "resume", Rig.Id));
        rig.EndHostProcess();
        int calls = rig.Guest.Calls.Count;
        Assert.Equal((1, $"container not running: {Rig.Id}"), await FailureAsync(rig, "kill", Rig.Id, "9"));
        Assert.Equal((1, $"cannot exec in a container that is stopped: {Rig.Id}"), await FailureAsync(rig, "exec", Rig.Id, "ls"));
        Assert.Equal((1, $"cannot start a container that is stopped: {Rig.Id}"), await FailureAsync(rig, "start", Rig.Id));
        Assert.Equal(calls, rig.Guest.Calls.Count);
    }

    [Fact]
    public async Task Kill_passes_signal_and_all_on_wherever_the_option_stands()
    {
        using Rig rig = new();
        await rig.StartedAsync();
        await rig.RunAsync("kill", Rig.Id);
        await rig.RunAsync("kill", "--all", Rig.Id, "SIGKILL");
        await rig.RunAsync("kill", Rig.Id, "10", "--all");
        Assert.Equal([(15u, false), (9u, true), (10u, true)], rig.Guest.All<SignalProcessRequest>().Select(s => (s.Signal, s.All)));
    }

    [Fact]
    public async Task An_id_in_use_is_refused_and_the_container_that_has_it_is_untouched()
    {
        using Rig rig = new();
        await rig.StartedAsync();
        (int status, _, string error) = await rig.CreateAsync();
        Assert.Equal(1, status);
        Assert.Contains("already exists", error, StringComparison.Ordinal);
        Assert.Equal("running", await rig.StatusAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("../../x")]
    [InlineData("a b")]
    [InlineData("ä")]
    public async Task An_id_that_is_no_plain_name_is_refused_by_every_command(string id)
    {
        using Rig rig = new();
        rig.WriteConfig(rig.Config.ToJsonString());
        foreach (string[] command in new string[][] { ["create", "--bundle", rig.BundleFolder], ["state"], ["start"], ["kill"], ["delete"], ["delete", "--force"], ["pause"] })
        {
            (int status, _, string error) = await rig.RunAsync([.. command, id]);
            Assert.Equal(1, status);
            Assert.Contains("invalid container id", error, StringComparison.Ordinal);
        }

        Assert.Empty(rig.Leftovers());
    }

    [Fact]
    public async Task Forced_delete_takes_running_absent_and_damaged_containers()
    {
        using Rig rig = new();
        Assert.Equal((0, "", ""), await rig.RunAsync("delete", "--force", "absent"));
        await rig.StartedAsync();
        await File.WriteAllTextAsync(Path.Combine(rig.State, "containers", Rig.Id, "state.json"), "{ damaged");
        Assert.Contains("damaged", (await rig.RunAsync("list")).Error, StringComparison.Ordinal);
        Assert.Equal((0, "", ""), await rig.RunAsync("delete", Rig.Id, "--force"));
        Assert.Empty(rig.Leftovers());
    }

    [Fact]
    public async Task List_ps_and_events_have_runcs_shapes()
    {
        using Rig rig = new();
        rig.Guest.Processes = new ListProcessesResponse { Count = 1, Processes = { new ProcessInfo { Pid = 4, Command = "sh" } } };
        rig.Guest.Stats = new ReadStatsResponse { Available = true, CpuUsageUs = 2, MemoryBytes = 3, Pids = 4 };
        await rig.StartedAsync();
        JsonNode row = JsonNode.Parse((await rig.RunAsync("list", "--format", "json")).Output)![0]!;
        Assert.Equal((Rig.Id, "running", "root"), ((string?)row["id"], (string?)row["status"], (string?)row["owner"]));
        Assert.Equal(Rig.Id, (await rig.RunAsync("list", "-q")).Output.Trim());
        Assert.Equal([4], JsonNode.Parse((await rig.RunAsync("ps", "--format", "json", Rig.Id)).Output)!.AsArray().Select(p => (int)p!));
        JsonNode stats = JsonNode.Parse((await rig.RunAsync("events", "--stats", Rig.Id)).Output)!;
        Assert.Equal(("stats", Rig.Id, 2000, 3, 4), ((string?)stats["type"], (string?)stats["id"], (int)stats["data"]!["cpu"]!["usage"]!["total"]!, (int)stats["data"]!["memory"]!["usage"]!["usage"]!, (int)stats["data"]!["pids"]!["current"]!));
    }

    private static async Task<(int Status, string Error)> FailureAsync(Rig rig, params string[] arguments)
    {
        (int status, _, string error) = await rig.RunAsync(arguments);
        return (status, error.Trim());
    }
}
