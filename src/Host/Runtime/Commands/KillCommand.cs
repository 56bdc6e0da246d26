using Pavise.Boundary.GuestApi;
using Pavise.Host.Interop;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Containers;

namespace Pavise.Host.Runtime.Commands;

internal sealed class KillCommand : ICommand
{
    public string Name => "kill";

    public string Usage => "CONTAINER-ID [SIGNAL]";

    public string Help => "send a signal (default TERM) to a container's first process";

    public IReadOnlyList<OptionSpec> Options { get; } = [OptionSpec.Switch("all", "to all processes of the container", 'a')];

    public async Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        if (arguments.Positional.Count is not (1 or 2))
        {
            throw new UsageException("kill takes a container id and a signal");
        }

        // A switch after the id is what some engines send.
        bool all = arguments.Has("all");
        ContainerRecord record = invocation.Store.Read(arguments.Positional[0]);
        uint signal = SignalNames.Parse(arguments.Positional.Count == 2 ? arguments.Positional[1] : "TERM");
        if (ContainerStatus.Of(record) == ContainerStatus.Stopped)
        {
            throw new HostException($"container not running: {record.Id}");
        }

        if (record.IsPod)
        {
            NativeSpawn.Signal(record.Pid, (int)signal);
            return 0;
        }

        await GuestCalls.WithGuestAsync(record, guest => guest.SignalProcessAsync(new SignalProcessRequest { ContainerId = record.Id, Signal = signal, All = all }, cancellation), cancellation);
        return 0;
    }
}
