using System.Text.Json;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Containers;

namespace Pavise.Host.Runtime.Commands;

internal sealed class StateCommand : ICommand
{
    public string Name => "state";

    public string Usage => "CONTAINER-ID";

    public string Help => "print the state of a container as JSON";

    public IReadOnlyList<OptionSpec> Options { get; } = [];

    public Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        ContainerRecord record = invocation.Store.Read(Invocation.OnlyId(arguments));
        string status = ContainerStatus.Of(record);
        OciState state = new(record.OciVersion, record.Id, status, status == ContainerStatus.Stopped ? 0 : record.Pid, record.Bundle, Annotations(invocation.Store, record));
        Console.Out.WriteLine(JsonSerializer.Serialize(state, RuntimeJson.Default.OciState));
        return Task.FromResult(0);
    }

    /// <summary>The bundle's annotations, and what this runtime has to say: machine, shield, and how the process ended.</summary>
    public static Dictionary<string, string> Annotations(ContainerStore store, ContainerRecord record)
    {
        Dictionary<string, string> annotations = new(record.Annotations)
        {
            ["dev.pavise.machine"] = record.Machine,
            ["dev.pavise.shielded"] = record.Shielded ? "true" : "false",
        };
        if (store.ReadExit(record.Id) is { } exit)
        {
            annotations["dev.pavise.exit-status"] = exit.Status.ToString();
            if (exit.Failure is { } failure)
            {
                annotations["dev.pavise.failure"] = failure;
            }
        }

        return annotations;
    }
}
