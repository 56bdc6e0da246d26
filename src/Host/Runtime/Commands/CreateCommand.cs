using Pavise.Host.Interop;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Containers;
using Pavise.Host.Runtime.Processes;

namespace Pavise.Host.Runtime.Commands;

internal sealed class CreateCommand : ICommand
{
    private const int Kill = 9;

    public string Name => "create";

    public string Usage => "CONTAINER-ID";

    public string Help => "create a container in a pVM of its own";

    public IReadOnlyList<OptionSpec> Options { get; } = [ProcessOptions.Bundle, ProcessOptions.ConsoleSocket, ProcessOptions.PidFile, .. ProcessOptions.Compatibility];

    public async Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        await CreateAsync(invocation, arguments, Invocation.OnlyId(arguments), cancellation);
        return 0;
    }

    /// <summary>Creates the container with a host process of its own.</summary>
    public static async Task<ContainerRecord> CreateAsync(Invocation invocation, ParsedArguments arguments, string id, CancellationToken cancellation)
    {
        ContainerLauncher launcher = new(invocation);
        (ContainerRecord record, ProcessTarget target) = await launcher.CreateAsync(id, arguments.Value(ProcessOptions.Bundle.Name) ?? ".", arguments.Value(ProcessOptions.ConsoleSocket.Name) ?? "", cancellation);
        int pid = 0;
        try
        {
            pid = await invocation.Surroundings.StartHostProcess(invocation.Global, target, cancellation);
            record = record with { Pid = pid, PidStartTicks = ContainerStatus.StartTicks(pid) };
            invocation.Store.Write(record);
            await ProcessOptions.WritePidAsync(arguments, pid);
            return record;
        }
        catch
        {
            NativeSpawn.Signal(pid, Kill);
            await launcher.DiscardAsync(record);
            throw;
        }
    }
}
