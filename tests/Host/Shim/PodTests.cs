using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Shim.Protos;
using Pavise.Host.Tests.Shim.Support;
using Status = Pavise.Host.Shim.Protos.Status;

namespace Pavise.Host.Tests.Shim;

/// <summary>A sandbox with containers: one pVM, in which no process stands for the sandbox.</summary>
public sealed class PodTests
{
    private const string Pod = "p1";

    [Fact]
    public async Task All_containers_of_a_pod_are_in_the_sandboxs_pVM()
    {
        await using ShimRig rig = await PodAsync("a", "b");
        Assert.Single(rig.Sandboxes);
        Assert.Equal(["a", "b"], rig.Guest.All<CreateContainerRequest>().Select(r => r.ContainerId));
        Assert.Equal(["a", "b"], rig.Guest.All<StartContainerRequest>().Select(r => r.ContainerId));
        Assert.Equal(Status.Running, (await rig.StateAsync(Pod)).Status);
    }

    [Fact]
    public async Task The_host_name_of_the_pod_is_told_to_the_guest()
    {
        await using ShimRig rig = new();
        await rig.CreateAsync(Pod, c =>
        {
            c["hostname"] = "web-0";
            c["annotations"]!["io.kubernetes.cri.container-type"] = "sandbox";
        });
        Assert.Equal("web-0", Assert.Single(rig.Guest.All<ConfigureSandboxRequest>()).Hostname);
    }

    [Fact]
    public async Task A_container_without_its_sandbox_is_refused()
    {
        await using ShimRig rig = new();
        Assert.Contains("the sandbox 'p1' of container a is not in this shim", await rig.RefusedAsync(TtrpcStatus.FailedPrecondition, "Create", rig.Request("a", c =>
        {
            c["annotations"]!["io.kubernetes.cri.container-type"] = "container";
            c["annotations"]!["io.kubernetes.cri.sandbox-id"] = Pod;
        })), StringComparison.Ordinal);
        Assert.Empty(rig.Sandboxes);
    }

    [Theory]
    [InlineData(9, 137)]
    [InlineData(15, 0)]
    public async Task Killing_the_sandbox_ends_the_pVM_and_the_sandboxs_end_is_told_last(uint signal, uint status)
    {
        await using ShimRig rig = await PodAsync("a", "b");
        await rig.KillAsync(Pod, signal);
        Assert.Equal(status, (await rig.WaitAsync(Pod)).ExitStatus);
        Assert.Equal(137u, (await rig.WaitAsync("a")).ExitStatus);
        await rig.FlushAsync();
        Assert.Equal(["exit a", "exit b"], rig.Events.Words.Where(w => w.StartsWith("exit", StringComparison.Ordinal)).SkipLast(1).Order());
        Assert.Equal("exit p1", rig.Events.Words[^1]);
        await rig.DeleteAsync("a");
        await rig.DeleteAsync("b");
        await rig.DeleteAsync(Pod);
    }

    [Fact]
    public async Task A_signal_that_ends_no_process_leaves_the_pod_alone()
    {
        await using ShimRig rig = await PodAsync("a");
        await rig.KillAsync(Pod, 28);
        Assert.Equal(Status.Running, (await rig.StateAsync(Pod)).Status);
        Assert.Equal(Status.Running, (await rig.StateAsync("a")).Status);
    }

    [Fact]
    public async Task The_pod_outlives_its_containers()
    {
        await using ShimRig rig = await PodAsync("a");
        rig.Guest.End("a", "", 0);
        await rig.WaitAsync("a");
        await rig.DeleteAsync("a");
        await rig.CallAsync("Shutdown", new Host.Shim.Protos.ShutdownRequest { Id = "a" }, Google.Protobuf.WellKnownTypes.Empty.Parser);
        Assert.False(rig.Tasks.Ended.IsCompleted);
        Assert.Equal(Status.Running, (await rig.StateAsync(Pod)).Status);
        await rig.CreateMemberAsync("a2", Pod);
        await rig.StartAsync("a2");
    }

    [Fact]
    public async Task A_container_that_the_policy_refuses_leaves_the_pod_as_it_was()
    {
        await using ShimRig rig = await PodAsync("a");
        rig.Guest.Refused.Add(nameof(IGuestService.CreateContainer));
        await Assert.ThrowsAsync<TtrpcException>(() => rig.CreateMemberAsync("b", Pod));
        Assert.Equal(Status.Running, (await rig.StateAsync("a")).Status);
        await rig.RefusedAsync(TtrpcStatus.NotFound, "State", new StateRequest { Id = "b" });
    }

    [Fact]
    public async Task Nothing_can_be_run_in_a_sandbox_and_its_resources_are_zeros()
    {
        await using ShimRig rig = await PodAsync();
        await rig.RefusedAsync(TtrpcStatus.FailedPrecondition, "Exec", new Host.Shim.Protos.ExecProcessRequest { Id = Pod, ExecId = "e" });
        await rig.RefusedAsync(TtrpcStatus.Unimplemented, "Pause", new PauseRequest { Id = Pod });
        Assert.NotEmpty((await rig.CallAsync("Stats", new StatsRequest { Id = Pod }, StatsResponse.Parser)).Stats.Value);
        Assert.Empty(rig.Guest.All<ReadStatsRequest>());
        Assert.Single((await rig.CallAsync("Pids", new PidsRequest { Id = Pod }, PidsResponse.Parser)).Processes);
    }

    private static async Task<ShimRig> PodAsync(params string[] containers)
    {
        ShimRig rig = new();
        await rig.CreatePodAsync(Pod);
        await rig.StartAsync(Pod);
        foreach (string container in containers)
        {
            await rig.CreateMemberAsync(container, Pod);
            await rig.StartAsync(container);
        }

        return rig;
    }
}
