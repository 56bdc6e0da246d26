using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Interop;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Containers;
using Pavise.Host.Visor;

namespace Pavise.Host.Runtime.Commands;

internal sealed class DeleteCommand : ICommand
{
    /// <summary>How long an ended container's pVM may take to power off before it is ended.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    public string Name => "delete";

    public string Usage => "CONTAINER-ID";

    public string Help => "delete a stopped container and its pVM";

    public IReadOnlyList<OptionSpec> Options { get; } = [OptionSpec.Switch("force", "also when it runs or does not exist", 'f')];

    public async Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        string id = Invocation.OnlyId(arguments);
        bool force = arguments.Has("force");
        ContainerRecord? record = force ? TryRead(invocation, id) : invocation.Store.Read(id);
        if (record is null)
        {
            // Half-made: the folder without a record.
            await new ContainerLauncher(invocation).DiscardAsync(id);
            return 0;
        }

        string status = ContainerStatus.Of(record);
        if (!force && status != ContainerStatus.Stopped)
        {
            throw new HostException($"cannot delete container {id} that is not stopped: {status}");
        }

        await DeleteAsync(invocation, record, status == ContainerStatus.Stopped ? Grace : TimeSpan.Zero);
        return 0;
    }

    public static async Task DeleteAsync(Invocation invocation, ContainerRecord record, TimeSpan grace)
    {
        if (record.Pod is { } pod)
        {
            await LeavePodAsync(invocation, record, pod);
        }
        else if (Directory.Exists(record.Sandbox))
        {
            await using ISandbox sandbox = Sandbox.Open(record.Sandbox);
            await sandbox.StopAsync(grace, CancellationToken.None);
        }

        if (ContainerStatus.Of(record) != ContainerStatus.Stopped && record.Pid != Environment.ProcessId)
        {
            NativeSpawn.Signal(record.Pid, 9);
        }

        invocation.Store.Remove(record.Id);
    }

    /// <summary>The other containers of the pod go on.</summary>
    private static async Task LeavePodAsync(Invocation invocation, ContainerRecord record, string pod)
    {
        if (invocation.Store.TryRead(pod) is null || !Directory.Exists(record.Sandbox))
        {
            // The pod is gone, and its pVM with it.
            return;
        }

        try
        {
            await GuestCalls.WithGuestAsync(record, guest => guest.DeleteContainerAsync(new DeleteContainerRequest { ContainerId = record.Id, Force = true }, CancellationToken.None), CancellationToken.None);
        }
        catch (Exception e) when (e is GuestGoneException or TtrpcException { Status: TtrpcStatus.NotFound or TtrpcStatus.Unavailable })
        {
            // What is to be deleted is not there any more.
        }
    }

    private static ContainerRecord? TryRead(Invocation invocation, string id)
    {
        try
        {
            return invocation.Store.TryRead(id);
        }
        catch (HostException)
        {
            return null;
        }
    }
}
