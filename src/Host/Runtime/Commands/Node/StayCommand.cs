using System.Runtime.InteropServices;
using Pavise.Host.Runtime.CommandLine;

namespace Pavise.Host.Runtime.Commands.Node;

/// <summary>What a DaemonSet's container does after its init container has installed: nothing, without any right to do something.</summary>
internal sealed class StayCommand : ICommand
{
    public string Name => "stay";

    public string Usage => "";

    public string Help => "wait for TERM: the container of a DaemonSet whose init container installs";

    public IReadOnlyList<OptionSpec> Options { get; } = [];

    public async Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration term = On(PosixSignal.SIGTERM), interrupt = On(PosixSignal.SIGINT);
        await ended.Task;
        return 0;

        PosixSignalRegistration On(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            ended.TrySetResult();
        });
    }
}
