using Google.Protobuf.WellKnownTypes;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Bundles;
using Pavise.Host.Shim.Protos;
using Pavise.Host.Shim.Protos.Events;
using Pavise.Host.Shim.Stats;
using Pavise.Host.Shim.Tasks;
using Empty = Google.Protobuf.WellKnownTypes.Empty;

namespace Pavise.Host.Shim.Service;

/// <summary>Freezing, limits, resource use.</summary>
internal sealed partial class TaskService
{
    /// <summary>Freezes a task.</summary>
    public async Task<Empty> PauseAsync(PauseRequest request, CancellationToken cancellation)
    {
        ContainerTask task = Container(request.Id, "paused");
        await task.Pvm.Guest.PauseContainerAsync(new PauseContainerRequest { ContainerId = task.Id }, cancellation);
        task.Paused = true;
        events.Send(new TaskPaused { ContainerId = task.Id });
        return Done;
    }

    /// <summary>Thaws a task.</summary>
    public async Task<Empty> ResumeAsync(ResumeRequest request, CancellationToken cancellation)
    {
        ContainerTask task = Container(request.Id, "resumed");
        await task.Pvm.Guest.ResumeContainerAsync(new ResumeContainerRequest { ContainerId = task.Id }, cancellation);
        task.Paused = false;
        events.Send(new TaskResumed { ContainerId = task.Id });
        return Done;
    }

    /// <summary>Always refused, by the guest, which says so.</summary>
    public async Task<Empty> CheckpointAsync(CheckpointTaskRequest request, CancellationToken cancellation)
    {
        ContainerTask task = Container(request.Id, "checkpointed");
        await task.Pvm.Guest.CheckpointAsync(new CheckpointRequest { ContainerId = task.Id }, cancellation);
        throw new TtrpcException(TtrpcStatus.Unimplemented, "a pVM is never checkpointed");
    }

    /// <summary>Changes limits within the policy.</summary>
    public async Task<Empty> UpdateAsync(UpdateTaskRequest request, CancellationToken cancellation)
    {
        ContainerTask task = Container(request.Id, "updated");
        if (request.Resources is { } resources)
        {
            await task.Pvm.Guest.UpdateResourcesAsync(new UpdateResourcesRequest { ContainerId = task.Id, Resources = resources.Value }, cancellation);
        }

        return Done;
    }

    /// <summary>Resource use in the form that containerd expects on this node; zeros where it is not known.</summary>
    public async Task<StatsResponse> StatsAsync(StatsRequest request, CancellationToken cancellation)
    {
        ContainerTask task = Get(request.Id);
        ReadStatsResponse known = task.Role == PodRole.Sandbox || task.Pvm.Ended.IsCompleted
            ? new ReadStatsResponse()
            : await task.Pvm.Guest.ReadStatsAsync(new ReadStatsRequest { ContainerId = task.Id }, cancellation);
        return new StatsResponse { Stats = CgroupMetrics.IsUnified ? CgroupMetrics.Version2(known) : CgroupMetrics.Version1(known) };
    }

    private ContainerTask Container(string id, string what)
    {
        ContainerTask task = Get(id);
        return task.Role != PodRole.Sandbox ? task : throw new TtrpcException(TtrpcStatus.Unimplemented, $"a pod's sandbox cannot be {what}: its size is the policy's");
    }
}
