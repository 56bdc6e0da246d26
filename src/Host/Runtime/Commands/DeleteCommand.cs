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
        if (Directory.Exists(record.Sandbox))
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
