using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Guest.Tests.ProcessMachine;

/// <summary>The life of containers in the real guest, unshielded, so that the container half is seen alone.</summary>
public sealed class UnshieldedTests
{
    [Fact]
    public async Task A_process_runs_prints_and_its_status_is_told()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        (string output, uint status) = await sandbox.RunAsync("c", Specs.Container("/bin/sh", "-c", "echo hello; exit 7"));
        Assert.Equal("hello\n", output);
        Assert.Equal(7u, status);
    }

    [Fact]
    public async Task Containers_that_end_at_once_are_never_lost()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        for (int i = 0; i < 20; i++)
        {
            (_, uint status) = await sandbox.RunAsync($"c{i}", Specs.Container("/bin/sh", "-c", $"exit {i}"));
            Assert.Equal((uint)i, status);
            await sandbox.DeleteAsync($"c{i}");
        }
    }

    [Fact]
    public async Task Deletion_leaves_no_mount_no_cgroup_and_no_file()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.RunAsync("c", Specs.Container(["/bin/true"], s => s["root"]!["readonly"] = false));
        await sandbox.DeleteAsync("c");
        string init = $"/proc/{sandbox.GuestPid}";
        Assert.DoesNotContain("/containers/", File.ReadAllText($"{init}/mounts"));
        Assert.Empty(Directory.GetDirectories($"{init}/root{sandbox.Directory}/guest/containers"));
        Assert.Empty(Directory.GetDirectories($"{init}/root{sandbox.Directory}/guest/launcher"));
        Assert.Empty(Directory.GetDirectories($"{init}/root/sys/fs/cgroup/{CgroupParent(sandbox)}"));
    }

    [Fact]
    public async Task A_failed_start_names_the_cause_and_can_be_deleted()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/nothing"));
        TtrpcException failure = await Assert.ThrowsAsync<TtrpcException>(() => sandbox.StartAsync("c"));
        Assert.Contains("/bin/nothing", failure.Message);
        await sandbox.DeleteAsync("c");
        await Assert.ThrowsAsync<TtrpcException>(() => sandbox.StartAsync("c"));
    }

    [Fact]
    public async Task The_root_is_read_only_unless_asked_otherwise()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        Assert.NotEqual(0u, (await sandbox.RunAsync("a", Specs.Container("/bin/touch", "/x"))).Status);
        (string output, uint status) = await sandbox.RunAsync("b", Specs.Container(["/bin/sh", "-c", "echo kept > /x && cat /x"], s => s["root"]!["readonly"] = false));
        Assert.Equal(("kept\n", 0u), (output, status));
    }

    [Theory]
    [InlineData(15u, 143u)]
    [InlineData(9u, 137u)]
    public async Task A_signal_ends_a_running_container(uint signal, uint expected)
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/sh", "-c", "trap 'exit 143' TERM; echo ready; while :; do sleep 0.05; done"));
        await using Stream output = await sandbox.OpenAsync(Boundary.StreamKind.Stdout, "c");
        await sandbox.StartAsync("c");
        await output.ReadExactlyAsync(new byte[6]);
        await sandbox.SignalAsync("c", signal);
        Assert.Equal(expected, await sandbox.WaitAsync("c"));
        TtrpcException ended = await Assert.ThrowsAsync<TtrpcException>(() => sandbox.SignalAsync("c", 9));
        Assert.Equal(TtrpcStatus.NotFound, ended.Status);
    }

    [Fact]
    public async Task Killing_a_container_that_was_never_started_ends_it()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/true"));
        await sandbox.SignalAsync("c", 9);
        Assert.Equal(137u, await sandbox.WaitAsync("c"));
        await Assert.ThrowsAsync<TtrpcException>(() => sandbox.StartAsync("c"));
        await sandbox.DeleteAsync("c");
    }

    [Fact]
    public async Task A_running_container_is_deleted_by_force_only()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/sleep", "1000"));
        await sandbox.StartAsync("c");
        TtrpcException refused = await Assert.ThrowsAsync<TtrpcException>(() => sandbox.DeleteAsync("c"));
        Assert.Equal(TtrpcStatus.FailedPrecondition, refused.Status);
        Assert.Equal(137u, (await sandbox.DeleteAsync("c", force: true)).ExitStatus);
    }

    [Fact]
    public async Task An_exec_runs_in_the_container_and_ends_on_its_own()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/sleep", "1000"));
        await sandbox.StartAsync("c");
        JsonObject process = Specs.Process("/bin/sh", "-c", "id -u; cat /proc/1/comm; echo err >&2; exit 5");
        process["user"]!["uid"] = 12;
        await sandbox.ExecAsync("c", "e", process.ToJsonString());
        uint status = await sandbox.WaitAsync("c", "e");
        Assert.Equal("12\nsleep\n", await sandbox.ReadAllAsync(Boundary.StreamKind.Stdout, "c", "e"));
        Assert.Equal("err\n", await sandbox.ReadAllAsync(Boundary.StreamKind.Stderr, "c", "e"));
        Assert.Equal(5u, status);
        Assert.Equal(5u, (await sandbox.DeleteAsync("c", "e")).ExitStatus);
    }

    [Fact]
    public async Task An_exec_of_nothing_fails_and_frees_its_id()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/sleep", "1000"));
        await sandbox.StartAsync("c");
        TtrpcException failure = await Assert.ThrowsAsync<TtrpcException>(() => sandbox.ExecAsync("c", "e", Specs.Process("/bin/nothing").ToJsonString()));
        Assert.Contains("/bin/nothing", failure.Message);
        await sandbox.ExecAsync("c", "e", Specs.Process("/bin/true").ToJsonString());
        Assert.Equal(0u, await sandbox.WaitAsync("c", "e"));
    }

    [Fact]
    public async Task Execs_are_killed_with_their_container()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/sleep", "1000"));
        await sandbox.StartAsync("c");
        await sandbox.ExecAsync("c", "e", Specs.Process("/bin/sleep", "1000").ToJsonString());
        await sandbox.SignalAsync("c", 9, all: true);
        Assert.Equal(137u, await sandbox.WaitAsync("c", "e"));
        Assert.Equal(137u, await sandbox.WaitAsync("c"));
    }

    [Fact]
    public async Task A_frozen_container_does_nothing_until_thawed()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/sh", "-c", "while :; do sleep 0.01; done"));
        await sandbox.StartAsync("c");
        await sandbox.Client.PauseContainerAsync(new PauseContainerRequest { ContainerId = "c" }, default);
        ListProcessesResponse frozen = await sandbox.Client.ListProcessesAsync(new ListProcessesRequest { ContainerId = "c" }, default);
        Assert.NotEqual(0u, frozen.Count);
        await sandbox.Client.ResumeContainerAsync(new ResumeContainerRequest { ContainerId = "c" }, default);
        await sandbox.DeleteAsync("c", force: true);
    }

    [Fact]
    public async Task Events_tell_the_life_of_a_container_in_order()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.RunAsync("c", Specs.Container("/bin/sh", "-c", "exit 3"));
        await sandbox.DeleteAsync("c");
        SubscribeEventsResponse events = await sandbox.Client.SubscribeEventsAsync(new SubscribeEventsRequest { WaitMs = 1000 }, default);
        Assert.Equal([EventKind.Created, EventKind.Started, EventKind.Exited, EventKind.Deleted], events.Events.Select(e => e.Kind));
        Assert.Equal(3u, events.Events[2].ExitStatus);
    }

    [Fact]
    public async Task Statistics_are_absent_without_controllers()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/sleep", "1000"));
        await sandbox.StartAsync("c");
        Assert.False((await sandbox.Client.ReadStatsAsync(new ReadStatsRequest { ContainerId = "c" }, default)).Available);
    }

    [Fact]
    public async Task A_bind_mount_becomes_a_file_that_the_host_brings()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        string spec = Specs.Container(["/bin/cat", "/etc/hosts"], s => s["mounts"]!.AsArray().Add(Specs.Mount("/etc/hosts", "bind", "rbind", "ro")));
        CreateContainerResponse created = await sandbox.CreateAsync("c", spec);
        WantedFile wanted = Assert.Single(created.Wanted);
        Assert.Equal("/etc/hosts", wanted.Mount);
        await Assert.ThrowsAsync<TtrpcException>(() => sandbox.StartAsync("c"));
        await sandbox.PutAsync("c", "/etc/hosts", "", "127.0.0.1 pod\n");
        Task<string> output = sandbox.ReadAllAsync(Boundary.StreamKind.Stdout, "c");
        await sandbox.StartAsync("c");
        Assert.Equal("127.0.0.1 pod\n", await output);
    }

    [Fact]
    public async Task Hooks_are_refused()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        string spec = Specs.Container(["/bin/true"], s => s["hooks"] = new JsonObject { ["prestart"] = new JsonArray(new JsonObject { ["path"] = "/bin/true" }) });
        TtrpcException refused = await Assert.ThrowsAsync<TtrpcException>(() => sandbox.CreateAsync("c", spec));
        Assert.Equal(TtrpcStatus.InvalidArgument, refused.Status);
    }

    [Fact]
    public async Task An_id_is_used_once_at_a_time()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/true"));
        TtrpcException refused = await Assert.ThrowsAsync<TtrpcException>(() => sandbox.CreateAsync("c", Specs.Container("/bin/true")));
        Assert.Equal(TtrpcStatus.AlreadyExists, refused.Status);
    }

    /// <summary>Other sandboxes share this machine's hierarchy; this is the folder of one.</summary>
    private static string CgroupParent(Sandbox sandbox) =>
        $"pavise-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{sandbox.Directory}/guest")).AsSpan(0, 8))}";
}
