using System.Diagnostics;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>Shim, pVM and containerd are killed: what is reported is true, and nothing stays behind.</summary>
public sealed class ShimFailureTests
{
    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task A_killed_shim_takes_its_pVM_along_and_leaves_nothing(string machine)
    {
        await using Node node = new(machine);
        await using Containerd containerd = await Containerd.StartAsync(node);
        (await ShimTests.RunDetachedAsync(containerd, "c")).OrThrow("ctr run");
        ShimPlaces places = await ShimPlaces.OfAsync(containerd, "c");
        Process.GetProcessById(places.ShimPid).Kill();
        await places.AssertGoneAsync();
        for (int i = 0; i < 100 && await containerd.StatusAsync("c") is not null; i++)
        {
            await Task.Delay(50);
        }

        Assert.Null(await containerd.StatusAsync("c"));
        Assert.False(Directory.Exists(containerd.Bundle("c")));
    }

    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task A_killed_pVM_is_reported_as_killed_and_its_task_is_deleted_as_any(string machine)
    {
        await using Node node = new(machine);
        await using Containerd containerd = await Containerd.StartAsync(node);
        (await ShimTests.RunDetachedAsync(containerd, "c")).OrThrow("ctr run");
        ShimPlaces places = await ShimPlaces.OfAsync(containerd, "c");
        Process.GetProcessById(places.VmmPid).Kill();
        await containerd.WaitAsync("c", "STOPPED");
        Assert.Contains("exit code 137", (await containerd.RunAsync("tasks", "delete", "c")).Both, StringComparison.Ordinal);
        await places.AssertGoneAsync();
    }

    [Fact]
    public async Task Tasks_go_on_while_containerd_is_away_and_their_ends_are_known_when_it_is_back()
    {
        await using Node node = new("process");
        await using Containerd containerd = await Containerd.StartAsync(node);
        (await ShimTests.RunDetachedAsync(containerd, "stays", "exec: [{ args: [echo, here], output: host }]")).OrThrow("ctr run");
        (await ShimTests.RunDetachedAsync(containerd, "ends", args: "[sh, -c, \"sleep 1; exit 7\"]", command: ["sh", "-c", "sleep 1; exit 7"])).OrThrow("ctr run");
        ShimPlaces stays = await ShimPlaces.OfAsync(containerd, "stays"), ends = await ShimPlaces.OfAsync(containerd, "ends");
        await containerd.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(3));
        await containerd.StartAgainAsync();
        Assert.Equal("RUNNING", await containerd.StatusAsync("stays"));
        Assert.Equal("STOPPED", await containerd.StatusAsync("ends"));
        Assert.Equal("here", (await containerd.RunAsync("tasks", "exec", "--exec-id", "e", "stays", "echo", "here")).OrThrow("exec").Output.Trim());
        Assert.Contains("exit code 7", (await containerd.RunAsync("tasks", "delete", "ends")).Both, StringComparison.Ordinal);
        (await containerd.RunAsync("tasks", "kill", "--signal", "KILL", "stays")).OrThrow("kill");
        await containerd.WaitAsync("stays", "STOPPED");
        await containerd.RunAsync("tasks", "delete", "stays");
        await stays.AssertGoneAsync();
        await ends.AssertGoneAsync();
    }

    [Fact]
    public async Task Many_cycles_leave_no_process_socket_or_folder()
    {
        await using Node node = new("process");
        await using Containerd containerd = await Containerd.StartAsync(node);
        List<ShimPlaces> places = [];
        for (int i = 0; i < 15; i++)
        {
            string id = $"c{i}";
            (await ShimTests.RunDetachedAsync(containerd, id, "exec: [{ args: [echo, here], output: host }]")).OrThrow("ctr run");
            places.Add(await ShimPlaces.OfAsync(containerd, id));
            (await containerd.RunAsync("tasks", "exec", "--exec-id", "e", id, "echo", "here")).OrThrow("exec");
            (await containerd.RunAsync("tasks", "kill", "--signal", "KILL", id)).OrThrow("kill");
            await containerd.WaitAsync(id, "STOPPED");
            await containerd.RunAsync("tasks", "delete", id);
        }

        foreach (ShimPlaces place in places)
        {
            await place.AssertGoneAsync();
        }

        Assert.Empty(Directory.GetDirectories(Path.GetDirectoryName(containerd.Bundle("x"))!));
    }
}
