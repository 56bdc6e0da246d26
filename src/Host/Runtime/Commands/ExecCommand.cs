using Pavise.Boundary.Ttrpc;
using Google.Protobuf;
using Pavise.Boundary.GuestApi;
using Pavise.Host.Bundles;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Containers;
using Pavise.Host.Runtime.Processes;

namespace Pavise.Host.Runtime.Commands;

internal sealed class ExecCommand : ICommand
{
    public string Name => "exec";

    public string Usage => "CONTAINER-ID COMMAND [ARG...]";

    public string Help => "run a further process in a running container";

    public IReadOnlyList<OptionSpec> Options { get; } =
    [
        OptionSpec.Value("process", "file with the process as JSON", 'p'),
        OptionSpec.Switch("tty", "give it a terminal", 't'),
        OptionSpec.Value("cwd", "working directory"),
        OptionSpec.Value("env", "variable NAME=value, may be given several times", 'e'),
        OptionSpec.Value("user", "UID[:GID]", 'u'),
        OptionSpec.Value("additional-gids", "further group ids", 'g'),
        OptionSpec.Value("cap", "accepted for compatibility: the policy says which capabilities"),
        OptionSpec.Value("apparmor", "accepted for compatibility"),
        OptionSpec.Value("process-label", "accepted for compatibility"),
        OptionSpec.Value("cgroup", "accepted for compatibility"),
        OptionSpec.Switch("ignore-paused", "accepted for compatibility"),
        ProcessOptions.Detach, ProcessOptions.ConsoleSocket, ProcessOptions.PidFile, .. ProcessOptions.Compatibility,
    ];

    public async Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        if (arguments.Positional.Count == 0)
        {
            throw new UsageException("exec takes a container id and a command");
        }

        ContainerRecord record = invocation.Store.Read(arguments.Positional[0]);
        string status = ContainerStatus.Of(record);
        if (status is not (ContainerStatus.Running or ContainerStatus.Created))
        {
            throw new HostException($"cannot exec in a container that is {status}: {record.Id}");
        }

        string console = arguments.Value(ProcessOptions.ConsoleSocket.Name) ?? "";
        bool detach = arguments.Has(ProcessOptions.Detach.Name);
        byte[] process = arguments.Value("process") is { } file ? await ExecProcessObject.ReadAsync(file) : ExecProcessObject.Make(BundleConfig.Read(record.Bundle), arguments);
        if (detach && console.Length == 0 && ExecProcessObject.WantsTerminal(process))
        {
            throw new HostException("a detached process with a terminal needs --console-socket");
        }

        string execId = $"exec-{Guid.NewGuid():N}";
        ExecProcessResponse started = await GuestCalls.WithGuestAsync(record,
            guest => guest.ExecProcessAsync(new ExecProcessRequest { ContainerId = record.Id, ExecId = execId, Process = ByteString.CopyFrom(process) }, cancellation), cancellation);
        ProcessTarget target = ContainerLauncher.Target(record.Id, execId, record.Sandbox, started.Stdio, console);
        try
        {
            if (detach)
            {
                await ProcessOptions.WritePidAsync(arguments, await invocation.Surroundings.StartHostProcess(invocation.Global, target, cancellation));
                return 0;
            }

            await ProcessOptions.WritePidAsync(arguments, Environment.ProcessId);
            return await new HostProcess(invocation.Store, target, invocation.Time).RunAsync(() => { }, cancellation);
        }
        catch
        {
            await TryKillAsync(record, execId);
            throw;
        }
    }

    /// <summary>A process that nobody can track must not go on.</summary>
    private static async Task TryKillAsync(ContainerRecord record, string execId)
    {
        try
        {
            await GuestCalls.WithGuestAsync(record, guest => guest.SignalProcessAsync(new SignalProcessRequest { ContainerId = record.Id, ExecId = execId, Signal = 9 }, CancellationToken.None), CancellationToken.None);
        }
        catch (Exception e) when (e is HostException or TtrpcException or IOException)
        {
            // It ended, or the policy does not let the host end it.
        }
    }
}
