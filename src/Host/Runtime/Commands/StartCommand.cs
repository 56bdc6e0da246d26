using Pavise.Boundary.GuestApi;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Containers;

namespace Pavise.Host.Runtime.Commands;

internal sealed class StartCommand : ICommand
{
    public string Name => "start";

    public string Usage => "CONTAINER-ID";

    public string Help => "start a created container";

    public IReadOnlyList<OptionSpec> Options { get; } = [];

    public async Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        await StartAsync(invocation, invocation.Store.Read(Invocation.OnlyId(arguments)), cancellation);
        return 0;
    }

    public static async Task StartAsync(Invocation invocation, ContainerRecord record, CancellationToken cancellation)
    {
        string status = ContainerStatus.Of(record);
        if (status != ContainerStatus.Created)
        {
            throw new HostException($"cannot start a container that is {status}: {record.Id}");
        }

        if (record.IsPod)
        {
            invocation.Store.Write(record with { Started = true });
            return;
        }

        await GuestCalls.WithGuestAsync(record, guest => guest.StartContainerAsync(new StartContainerRequest { ContainerId = record.Id }, cancellation), cancellation);
        invocation.Store.Write(record with { Started = true });
    }
}
