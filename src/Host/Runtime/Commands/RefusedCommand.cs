using Pavise.Host.Runtime.CommandLine;

namespace Pavise.Host.Runtime.Commands;

/// <summary>Verbs that runc has and a pVM never will.</summary>
internal sealed class RefusedCommand(string name) : ICommand
{
    public string Name => name;

    public string Usage => "CONTAINER-ID";

    public string Help => "refused: a checkpoint is the application's memory in the host's hands";

    public IReadOnlyList<OptionSpec> Options { get; } = [];

    public Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation) => throw new HostException($"{name} is refused: a checkpoint would put the application's memory into the host's hands");
}
