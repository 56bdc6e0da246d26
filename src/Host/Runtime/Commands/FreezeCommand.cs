using Pavise.Boundary.GuestApi;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Containers;

namespace Pavise.Host.Runtime.Commands;

/// <summary><c>pause</c> and <c>resume</c>.</summary>
internal sealed class FreezeCommand(bool pause) : ICommand
{
    public string Name => pause ? "pause" : "resume";

    public string Usage => "CONTAINER-ID";

    public string Help => pause ? "freeze a running container" : "thaw a paused container";

    public IReadOnlyList<OptionSpec> Options { get; } = [];

    public async Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        ContainerRecord record = invocation.Store.Read(Invocation.OnlyId(arguments));
        string status = ContainerStatus.Of(record), needed = pause ? ContainerStatus.Running : ContainerStatus.Paused;
        if (status != needed)
        {
            throw new HostException($"cannot {Name} a container that is {status}: {record.Id}");
        }

        await GuestCalls.WithGuestAsync(record, guest => pause
            ? guest.PauseContainerAsync(new PauseContainerRequest { ContainerId = record.Id }, cancellation)
            : guest.ResumeContainerAsync(new ResumeContainerRequest { ContainerId = record.Id }, cancellation), cancellation);
        invocation.Store.Write(record with { Paused = pause });
        return 0;
    }
}
