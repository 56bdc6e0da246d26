using System.Text.Json;
using Pavise.Boundary.GuestApi;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Containers;

namespace Pavise.Host.Runtime.Commands;

internal sealed class PsCommand : ICommand
{
    public string Name => "ps";

    public string Usage => "CONTAINER-ID [PS OPTIONS]";

    public string Help => "show the processes of a container, as far as its policy lets the host see them";

    public IReadOnlyList<OptionSpec> Options { get; } = [OptionSpec.Value("format", "table or json (default table)", 'f')];

    public async Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        if (arguments.Positional.Count == 0)
        {
            throw new UsageException("ps takes a container id");
        }

        ContainerRecord record = invocation.Store.Read(arguments.Positional[0]);
        ListProcessesResponse answer = await GuestCalls.WithGuestAsync(record, guest => guest.ListProcessesAsync(new ListProcessesRequest { ContainerId = record.Id }, cancellation), cancellation);
        if (arguments.Value("format") == "json")
        {
            Console.Out.WriteLine(JsonSerializer.Serialize([.. answer.Processes.Select(p => (int)p.Pid)], RuntimeJson.Default.ListInt32));
        }
        else if (answer.Processes.Count == 0)
        {
            Console.Out.WriteLine($"{answer.Count} processes; the policy hides their names");
        }
        else
        {
            Table.Write(Console.Out, ["UID", "PID", "PPID", "CMD"], answer.Processes.Select(p => new[] { p.Uid.ToString(), p.Pid.ToString(), p.Ppid.ToString(), p.Command }));
        }

        return 0;
    }
}
