using Google.Protobuf;
using Pavise.Boundary.GuestApi;
using Pavise.Host.Runtime.Bundles;
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

        byte[] process = arguments.Value("process") is { } file ? await ExecProcessObject.ReadAsync(file) : ExecProcessObject.Make(BundleConfig.Read(record.Bundle), arguments);
        string execId = $"exec-{Guid.NewGuid():N}";
        ExecProcessResponse started = await GuestCalls.WithGuestAsync(record,
            guest => guest.ExecProcessAsync(new ExecProcessRequest { ContainerId = record.Id, ExecId = execId, Process = ByteString.CopyFrom(process) }, cancellation), cancellation);
        string console = arguments.Value(ProcessOptions.ConsoleSocket.Name) ?? "";
        ProcessTarget target = ContainerLauncher.Target(record.Id, execId, record.Sandbox, started.Stdio, console);
        if (arguments.Has(ProcessOptions.Detach.Name))
        {
            int pid = await HostProcessLauncher.StartAsync(invocation.Global, target, cancellation);
            await ProcessOptions.WritePidAsync(arguments, pid);
            return 0;
        }

        await ProcessOptions.WritePidAsync(arguments, Environment.ProcessId);
        return await new HostProcess(invocation.Store, target, invocation.Time).RunAsync(() => { }, cancellation);
    }
}
