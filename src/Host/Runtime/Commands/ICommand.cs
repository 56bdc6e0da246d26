using Pavise.Host.Runtime.CommandLine;

namespace Pavise.Host.Runtime.Commands;

/// <summary>One verb of the command line.</summary>
internal interface ICommand
{
    /// <summary>The verb.</summary>
    string Name { get; }

    /// <summary>Positional arguments as help shows them.</summary>
    string Usage { get; }

    /// <summary>What it does.</summary>
    string Help { get; }

    /// <summary>Options.</summary>
    IReadOnlyList<OptionSpec> Options { get; }

    /// <summary>Runs it and returns the exit status.</summary>
    Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation);
}
