using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Processes;

namespace Pavise.Host.Runtime.Commands;

/// <summary>Hidden: the process that engines track.</summary>
internal sealed class ProcessCommand : ICommand
{
    public string Name => HostProcessLauncher.Command;

    public string Usage => "";

    public string Help => "";

    public IReadOnlyList<OptionSpec> Options { get; } = [];

    public Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        ProcessTarget target = ProcessTarget.FromArguments(arguments.Positional);
        return HostProcessLauncher.RunAsync(target.IsPod ? new PauseProcess(target).RunAsync : ready => new HostProcess(invocation.Store, target, invocation.Time).RunAsync(ready, cancellation));
    }
}
