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

    public Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation) =>
        HostProcessLauncher.RunAsync(new HostProcess(invocation.Store, ProcessTarget.FromArguments(arguments.Positional), invocation.Time), cancellation);
}
