using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Containers;
using Pavise.Host.Runtime.Logging;

namespace Pavise.Host.Runtime.Commands;

/// <summary>What every command gets beside its own arguments.</summary>
internal sealed record Invocation(GlobalOptions Global, RuntimeLog Log, ContainerStore Store, TimeProvider Time, Surroundings Surroundings)
{
    /// <summary>The single container id of commands that take no more.</summary>
    /// <exception cref="UsageException">None, or more.</exception>
    public static string OnlyId(ParsedArguments arguments) =>
        arguments.Positional is [var id] ? id : throw new UsageException($"exactly one container id is needed, {arguments.Positional.Count} arguments were given");
}
