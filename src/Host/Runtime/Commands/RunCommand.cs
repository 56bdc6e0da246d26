using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Containers;
using Pavise.Host.Runtime.Processes;

namespace Pavise.Host.Runtime.Commands;

internal sealed class RunCommand : ICommand
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    public string Name => "run";

    public string Usage => "CONTAINER-ID";

    public string Help => "create and start a container, wait for its end, and delete it";

    public IReadOnlyList<OptionSpec> Options { get; } =
        [ProcessOptions.Bundle, ProcessOptions.ConsoleSocket, ProcessOptions.PidFile, ProcessOptions.Detach, OptionSpec.Switch("keep", "do not delete it after its end"), .. ProcessOptions.Compatibility];

    public async Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        string id = Invocation.OnlyId(arguments);
        return arguments.Has(ProcessOptions.Detach.Name) ? await DetachedAsync(invocation, arguments, id, cancellation) : await ForegroundAsync(invocation, arguments, id, cancellation);
    }

    private static async Task<int> DetachedAsync(Invocation invocation, ParsedArguments arguments, string id, CancellationToken cancellation)
    {
        ContainerRecord record = await CreateCommand.CreateAsync(invocation, arguments, id, cancellation);
        try
        {
            await StartCommand.StartAsync(invocation, record, cancellation);
            return 0;
        }
        catch
        {
            await DeleteCommand.DeleteAsync(invocation, record, TimeSpan.Zero);
            throw;
        }
    }

    /// <summary>In the foreground this process itself is the container's host process.</summary>
    private static async Task<int> ForegroundAsync(Invocation invocation, ParsedArguments arguments, string id, CancellationToken cancellation)
    {
        ContainerLauncher launcher = new(invocation);
        (ContainerRecord record, ProcessTarget target) = await launcher.CreateAsync(id, arguments.Value(ProcessOptions.Bundle.Name) ?? ".", arguments.Value(ProcessOptions.ConsoleSocket.Name) ?? ProcessOptions.CallersTerminal, cancellation);
        record = record with { Pid = Environment.ProcessId, PidStartTicks = ContainerStatus.StartTicks(Environment.ProcessId) };
        bool keep = arguments.Has("keep");
        try
        {
            invocation.Store.Write(record);
            await ProcessOptions.WritePidAsync(arguments, record.Pid);
            TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Task<int> process = target.IsPod ? new PauseProcess(target).RunAsync(ready.SetResult) : new HostProcess(invocation.Store, target, invocation.Time).RunAsync(ready.SetResult, cancellation);
            await Task.WhenAny(ready.Task, process);
            if (!ready.Task.IsCompleted)
            {
                return await process;
            }

            await StartCommand.StartAsync(invocation, record, cancellation);
            return await process;
        }
        catch
        {
            keep = false;
            throw;
        }
        finally
        {
            if (!keep)
            {
                await DeleteCommand.DeleteAsync(invocation, record, Grace);
            }
        }
    }
}
