using System.Text;
using Google.Protobuf;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Shim.Protos;
using Pavise.Host.Tests.Shim.Support;
using Guest = Pavise.Boundary.GuestApi;
using Status = Pavise.Host.Shim.Protos.Status;

namespace Pavise.Host.Tests.Shim;

/// <summary>Further processes in a task.</summary>
public sealed class ExecTests
{
    private const string Id = "c1", Exec = "e1";

    [Fact]
    public async Task An_exec_is_added_started_waited_for_and_deleted_and_its_events_come_in_that_order()
    {
        await using ShimRig rig = await RunningAsync();
        await rig.ExecAsync(Id, Exec);
        Assert.Equal(Status.Created, (await rig.StateAsync(Id, Exec)).Status);
        await rig.StartAsync(Id, Exec);
        Assert.Equal((Status.Running, Exec), ((await rig.StateAsync(Id, Exec)).Status, (await rig.StateAsync(Id, Exec)).Id));
        rig.Guest.End(Id, Exec, 5);
        Assert.Equal(5u, (await rig.WaitAsync(Id, Exec)).ExitStatus);
        Assert.Equal(5u, (await rig.DeleteAsync(Id, Exec)).ExitStatus);
        await rig.RefusedAsync(TtrpcStatus.NotFound, "State", new StateRequest { Id = Id, ExecId = Exec });
        await rig.FlushAsync();
        Assert.Equal(["create c1", "start c1", "exec-added c1/e1", "exec-started c1/e1", "exit c1/e1"], rig.Events.Words);
    }

    [Fact]
    public async Task The_guest_decides_about_the_process_object_exactly_as_it_came()
    {
        await using ShimRig rig = await RunningAsync();
        ByteString spec = ByteString.CopyFromUtf8("{\"args\": [\"x\"],  \"unknown\": 1}");
        await rig.CallAsync("Exec", new ExecProcessRequest { Id = Id, ExecId = Exec, Spec = new() { Value = spec } }, Google.Protobuf.WellKnownTypes.Empty.Parser);
        Assert.Empty(rig.Guest.All<Guest.ExecProcessRequest>());
        await rig.StartAsync(Id, Exec);
        Assert.Equal(spec, Assert.Single(rig.Guest.All<Guest.ExecProcessRequest>()).Process);
    }

    [Fact]
    public async Task An_exec_that_the_policy_refuses_fails_at_its_start_in_the_guests_words_and_can_be_deleted()
    {
        await using ShimRig rig = await RunningAsync();
        rig.Guest.Refused.Add("ExecProcess");
        await rig.ExecAsync(Id, Exec);
        Assert.Equal("refused by the owner's policy, decision ExecProcess", await rig.RefusedAsync(TtrpcStatus.PermissionDenied, "Start", new StartRequest { Id = Id, ExecId = Exec }));
        await rig.DeleteAsync(Id, Exec);
        await rig.FlushAsync();
        Assert.DoesNotContain("exec-started c1/e1", rig.Events.Words);
        Assert.DoesNotContain("exit c1/e1", rig.Events.Words);
    }

    [Fact]
    public async Task An_exec_before_the_start_of_its_task_is_refused_by_the_guest()
    {
        await using ShimRig rig = new();
        await rig.CreateAsync(Id);
        await rig.ExecAsync(Id, Exec);
        await rig.RefusedAsync(TtrpcStatus.FailedPrecondition, "Start", new StartRequest { Id = Id, ExecId = Exec });
    }

    [Fact]
    public async Task An_exec_id_is_given_once_and_never_empty()
    {
        await using ShimRig rig = await RunningAsync();
        await rig.ExecAsync(Id, Exec);
        await rig.RefusedAsync(TtrpcStatus.AlreadyExists, "Exec", new ExecProcessRequest { Id = Id, ExecId = Exec });
        await rig.RefusedAsync(TtrpcStatus.InvalidArgument, "Exec", new ExecProcessRequest { Id = Id });
    }

    [Fact]
    public async Task A_running_exec_is_not_deleted_and_one_that_does_not_run_is_not_killed()
    {
        await using ShimRig rig = await RunningAsync();
        await rig.ExecAsync(Id, Exec);
        // Not "not found": containerd's client would take that as the promise of an end, and wait for it.
        await rig.RefusedAsync(TtrpcStatus.FailedPrecondition, "Kill", new KillRequest { Id = Id, ExecId = Exec, Signal = 9 });
        await rig.StartAsync(Id, Exec);
        await rig.RefusedAsync(TtrpcStatus.FailedPrecondition, "Delete", new DeleteRequest { Id = Id, ExecId = Exec });
        await rig.KillAsync(Id, 9, Exec);
        Assert.Equal(137u, (await rig.WaitAsync(Id, Exec)).ExitStatus);
    }

    [Fact]
    public async Task Who_waits_for_an_exec_learns_of_its_end_when_its_task_is_deleted()
    {
        await using ShimRig rig = await RunningAsync();
        await rig.ExecAsync(Id, Exec);
        await rig.ExecAsync(Id, "never");
        await rig.StartAsync(Id, Exec);
        Task<WaitResponse> running = rig.WaitAsync(Id, Exec), never = rig.WaitAsync(Id, "never");
        await rig.KillAsync(Id, 9);
        await rig.WaitAsync(Id);
        await rig.DeleteAsync(Id);
        Assert.Equal((137u, 137u), ((await running).ExitStatus, (await never).ExitStatus));
    }

    [Fact]
    public async Task Output_goes_to_the_file_that_containerd_names()
    {
        await using ShimRig rig = await RunningAsync();
        string file = Path.Combine(rig.Folder, "made", "out");
        await rig.CallAsync("Exec", new ExecProcessRequest { Id = Id, ExecId = Exec, Stdout = $"file://{file}", Spec = new() { Value = ByteString.CopyFromUtf8("{}") } }, Google.Protobuf.WellKnownTypes.Empty.Parser);
        await rig.StartAsync(Id, Exec);
        rig.Guest.End(Id, Exec, 0);
        await rig.WaitAsync(Id, Exec);
        Assert.Equal("Stdout\n", await File.ReadAllTextAsync(file, Encoding.UTF8));
    }

    [Fact]
    public async Task A_stream_of_an_unknown_kind_is_refused_before_anything_runs()
    {
        await using ShimRig rig = await RunningAsync();
        Assert.Contains("unknown STDIO scheme pigeon", await rig.RefusedAsync(TtrpcStatus.Unknown, "Exec", new ExecProcessRequest { Id = Id, ExecId = Exec, Stdout = "pigeon:///loft" }), StringComparison.Ordinal);
        await rig.RefusedAsync(TtrpcStatus.Unknown, "Create", rig.Request("c2", ask: r => r.Stderr = "pigeon:///loft"));
        Assert.Single(rig.Sandboxes);
    }

    private static async Task<ShimRig> RunningAsync()
    {
        ShimRig rig = new();
        await rig.CreateAsync(Id);
        await rig.StartAsync(Id);
        return rig;
    }
}
