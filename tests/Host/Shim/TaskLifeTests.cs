using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Shim.Protos;
using Pavise.Host.Shim.Protos.Events;
using Pavise.Host.Tests.Shim.Support;
using Status = Pavise.Host.Shim.Protos.Status;

namespace Pavise.Host.Tests.Shim;

/// <summary>One container with a pVM of its own, from its creation to its deletion.</summary>
public sealed class TaskLifeTests
{
    private const string Id = "c1";

    [Fact]
    public async Task A_task_is_created_started_waited_for_and_deleted_and_its_events_come_in_that_order()
    {
        await using ShimRig rig = new();
        uint pid = (await rig.CreateAsync(Id)).Pid;
        Assert.NotEqual(0u, pid);
        Assert.Equal(Status.Created, (await rig.StateAsync(Id)).Status);
        Assert.Equal(pid, (await rig.StartAsync(Id)).Pid);
        Assert.Equal(Status.Running, (await rig.StateAsync(Id)).Status);
        Task<WaitResponse> wait = rig.WaitAsync(Id);
        rig.Guest.End(Id, "", 3);
        Assert.Equal(3u, (await wait).ExitStatus);
        StateResponse stopped = await rig.StateAsync(Id);
        Assert.Equal((Status.Stopped, 3u, pid, Id), (stopped.Status, stopped.ExitStatus, stopped.Pid, stopped.Id));
        DeleteResponse deleted = await rig.DeleteAsync(Id);
        Assert.Equal((3u, pid, stopped.ExitedAt), (deleted.ExitStatus, deleted.Pid, deleted.ExitedAt));
        await rig.FlushAsync();
        Assert.Equal(["create c1", "start c1", "exit c1", "delete c1"], rig.Events.Words);
        TaskExit exit = Assert.Single(rig.Events.All(TaskExit.Parser, "/tasks/exit"));
        Assert.Equal((Id, Id, pid, 3u, stopped.ExitedAt), (exit.ContainerId, exit.Id, exit.Pid, exit.ExitStatus, exit.ExitedAt));
    }

    [Fact]
    public async Task A_process_that_ends_at_once_is_started_before_it_ends()
    {
        await using ShimRig rig = new();
        rig.Guest.EndsAtOnce = 0;
        await rig.CreateAsync(Id);
        await rig.StartAsync(Id);
        await rig.WaitAsync(Id);
        await rig.FlushAsync();
        Assert.Equal(["create c1", "start c1", "exit c1"], rig.Events.Words);
    }

    [Fact]
    public async Task Everybody_who_waits_learns_the_end_and_so_does_who_asks_later()
    {
        await using ShimRig rig = new();
        await rig.CreateAsync(Id);
        Task<WaitResponse>[] early = [.. Enumerable.Range(0, 20).Select(_ => rig.WaitAsync(Id))];
        await rig.StartAsync(Id);
        rig.Guest.End(Id, "", 9);
        Assert.All(await Task.WhenAll(early), w => Assert.Equal(9u, w.ExitStatus));
        Assert.Equal(9u, (await rig.WaitAsync(Id)).ExitStatus);
    }

    [Fact]
    public async Task Steps_out_of_order_are_refused_and_change_nothing()
    {
        await using ShimRig rig = new();
        await rig.CreateAsync(Id);
        Assert.Contains("exists already", await rig.RefusedAsync(TtrpcStatus.AlreadyExists, "Create", rig.Request(Id)), StringComparison.Ordinal);
        await rig.StartAsync(Id);
        await rig.RefusedAsync(TtrpcStatus.FailedPrecondition, "Start", new StartRequest { Id = Id });
        await rig.RefusedAsync(TtrpcStatus.FailedPrecondition, "Delete", new DeleteRequest { Id = Id });
        rig.Guest.End(Id, "", 0);
        await rig.WaitAsync(Id);
        await rig.RefusedAsync(TtrpcStatus.FailedPrecondition, "Start", new StartRequest { Id = Id });
        await rig.RefusedAsync(TtrpcStatus.NotFound, "Kill", new KillRequest { Id = Id, Signal = 9 });
        await rig.DeleteAsync(Id);
        await rig.RefusedAsync(TtrpcStatus.NotFound, "Delete", new DeleteRequest { Id = Id });
        await rig.FlushAsync();
        Assert.Equal(["create c1", "start c1", "exit c1", "delete c1"], rig.Events.Words);
    }

    [Fact]
    public async Task A_task_that_was_never_started_is_deleted_and_who_waits_for_it_is_told()
    {
        await using ShimRig rig = new();
        await rig.CreateAsync(Id);
        Task<WaitResponse> wait = rig.WaitAsync(Id);
        Assert.Equal(137u, (await rig.DeleteAsync(Id)).ExitStatus);
        Assert.Equal(137u, (await wait).ExitStatus);
        await rig.FlushAsync();
        Assert.Equal(["create c1", "delete c1"], rig.Events.Words);
    }

    [Theory]
    [InlineData(9, 137)]
    [InlineData(15, 143)]
    public async Task A_signal_that_ends_a_process_ends_one_that_was_never_started(uint signal, uint status)
    {
        await using ShimRig rig = new();
        await rig.CreateAsync(Id);
        await rig.KillAsync(Id, signal);
        Assert.Equal(status, (await rig.WaitAsync(Id)).ExitStatus);
        await rig.DeleteAsync(Id);
        await rig.FlushAsync();
        Assert.Equal(["create c1", "exit c1", "delete c1"], rig.Events.Words);
    }

    [Fact]
    public async Task A_pVM_that_ends_by_itself_ends_everything_in_it_with_137()
    {
        await using ShimRig rig = new();
        await rig.CreateAsync(Id);
        await rig.StartAsync(Id);
        await rig.ExecAsync(Id, "e1");
        await rig.StartAsync(Id, "e1");
        Task<WaitResponse> exec = rig.WaitAsync(Id, "e1");
        await rig.Sandboxes[0].StopAsync(TimeSpan.Zero, CancellationToken.None);
        Assert.Equal(137u, (await rig.WaitAsync(Id)).ExitStatus);
        Assert.Equal(137u, (await exec).ExitStatus);
        await rig.DeleteAsync(Id, "e1");
        await rig.DeleteAsync(Id);
    }

    [Theory]
    [InlineData("launch", "the pVM did not start")]
    [InlineData("image", "the image cannot be built")]
    [InlineData("plug", "no slot is free")]
    public async Task A_creation_that_fails_on_the_host_says_why_and_leaves_nothing(string step, string words)
    {
        await using ShimRig rig = new();
        rig.Failing.Add(step);
        Assert.Equal(words, await rig.RefusedAsync(TtrpcStatus.Unknown, "Create", rig.Request(Id)));
        await rig.RefusedAsync(TtrpcStatus.NotFound, "State", new StateRequest { Id = Id });
        Assert.All(rig.Sandboxes, s => Assert.False(Directory.Exists(s.Directory)));
        rig.Failing.Clear();
        await rig.CreateAsync(Id);
        await rig.FlushAsync();
        Assert.Equal(["create c1"], rig.Events.Words);
    }

    [Theory]
    [InlineData(nameof(IGuestService.AttachImage))]
    [InlineData(nameof(IGuestService.CreateContainer))]
    public async Task A_creation_that_the_policy_refuses_says_so_in_the_guests_words(string method)
    {
        await using ShimRig rig = new();
        rig.Guest.Refused.Add(method);
        Assert.Equal($"refused by the owner's policy, decision {method}", await rig.RefusedAsync(TtrpcStatus.PermissionDenied, "Create", rig.Request(Id)));
        Assert.False(Directory.Exists(Assert.Single(rig.Sandboxes).Directory));
    }

    [Fact]
    public async Task What_the_policy_refuses_of_a_running_task_is_told_in_its_words_and_sends_no_event()
    {
        await using ShimRig rig = new();
        await rig.CreateAsync(Id);
        await rig.StartAsync(Id);
        rig.Guest.Refused.UnionWith([nameof(IGuestService.PauseContainer), nameof(IGuestService.SignalProcess), nameof(IGuestService.UpdateResources), nameof(IGuestService.Checkpoint), nameof(IGuestService.ListProcesses)]);
        Assert.EndsWith("decision PauseContainer", await rig.RefusedAsync(TtrpcStatus.PermissionDenied, "Pause", new PauseRequest { Id = Id }), StringComparison.Ordinal);
        await rig.RefusedAsync(TtrpcStatus.PermissionDenied, "Kill", new KillRequest { Id = Id, Signal = 15 });
        await rig.RefusedAsync(TtrpcStatus.PermissionDenied, "Checkpoint", new CheckpointTaskRequest { Id = Id });
        await rig.RefusedAsync(TtrpcStatus.PermissionDenied, "Pids", new PidsRequest { Id = Id });
        await rig.RefusedAsync(TtrpcStatus.PermissionDenied, "Update", new UpdateTaskRequest { Id = Id, Resources = new() { Value = Google.Protobuf.ByteString.CopyFromUtf8("{}") } });
        Assert.Equal(Status.Running, (await rig.StateAsync(Id)).Status);
        await rig.FlushAsync();
        Assert.Equal(["create c1", "start c1"], rig.Events.Words);
    }

    [Fact]
    public async Task A_paused_task_says_so_until_it_is_resumed()
    {
        await using ShimRig rig = new();
        await rig.CreateAsync(Id);
        await rig.StartAsync(Id);
        await rig.CallAsync("Pause", new PauseRequest { Id = Id }, Google.Protobuf.WellKnownTypes.Empty.Parser);
        Assert.Equal(Status.Paused, (await rig.StateAsync(Id)).Status);
        await rig.CallAsync("Resume", new ResumeRequest { Id = Id }, Google.Protobuf.WellKnownTypes.Empty.Parser);
        Assert.Equal(Status.Running, (await rig.StateAsync(Id)).Status);
        await rig.FlushAsync();
        Assert.Equal(["create c1", "start c1", "paused c1", "resumed c1"], rig.Events.Words);
    }

    [Fact]
    public async Task Shutdown_ends_the_shim_only_when_it_has_no_task()
    {
        await using ShimRig rig = new();
        await rig.CreateAsync(Id);
        await rig.CallAsync("Shutdown", new Host.Shim.Protos.ShutdownRequest { Id = Id }, Google.Protobuf.WellKnownTypes.Empty.Parser);
        Assert.False(rig.Tasks.Ended.IsCompleted);
        await rig.DeleteAsync(Id);
        await rig.CallAsync("Shutdown", new Host.Shim.Protos.ShutdownRequest { Id = Id }, Google.Protobuf.WellKnownTypes.Empty.Parser);
        Assert.True(rig.Tasks.Ended.IsCompleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_shim_whose_first_creation_fails_ends_by_itself_only_when_nobody_is_left_to_end_it(bool gone)
    {
        await using ShimRig rig = new();
        rig.Failing.Add("launch");
        await Assert.ThrowsAnyAsync<Exception>(() => rig.Tasks.CreateAsync(rig.Request(Id), new CancellationToken(gone)));
        Assert.Equal(gone, rig.Tasks.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_shim_that_was_never_given_a_task_ends_by_itself_and_one_with_a_task_does_not()
    {
        await using ShimRig used = new();
        await used.CreateAsync(Id);
        used.Tasks.EndIfUnused();
        Assert.False(used.Tasks.Ended.IsCompleted);
        await using ShimRig unused = new();
        unused.Tasks.EndIfUnused();
        Assert.True(unused.Tasks.Ended.IsCompleted);
    }

    [Fact]
    public async Task Connect_tells_the_shims_pid_and_the_tasks()
    {
        await using ShimRig rig = new();
        uint pid = (await rig.CreateAsync(Id)).Pid;
        ConnectResponse known = await rig.CallAsync("Connect", new ConnectRequest { Id = Id }, ConnectResponse.Parser);
        Assert.Equal(((uint)Environment.ProcessId, pid), (known.ShimPid, known.TaskPid));
        Assert.Equal(0u, (await rig.CallAsync("Connect", new ConnectRequest { Id = "other" }, ConnectResponse.Parser)).TaskPid);
    }
}
