using System.Text.Json;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Containers;

namespace Pavise.Host.Runtime.Commands;

internal sealed class ListCommand : ICommand
{
    public string Name => "list";

    public string Usage => "";

    public string Help => "list the containers";

    public IReadOnlyList<OptionSpec> Options { get; } = [OptionSpec.Value("format", "table or json (default table)", 'f'), OptionSpec.Switch("quiet", "ids only", 'q')];

    public Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        string format = arguments.Value("format") ?? "table";
        if (format is not ("table" or "json"))
        {
            throw new UsageException($"unknown format {format} (known: table, json)");
        }

        if (arguments.Has("quiet"))
        {
            foreach (string id in invocation.Store.Ids())
            {
                Console.Out.WriteLine(id);
            }

            return Task.FromResult(0);
        }

        List<ListRow> rows = [.. invocation.Store.Ids().Select(id => TryRead(invocation, id)).OfType<ContainerRecord>().Select(r => Row(invocation.Store, r))];
        if (format == "json")
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(rows, RuntimeJson.Default.ListListRow));
            return Task.FromResult(0);
        }

        Table.Write(Console.Out, ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER", "MACHINE"],
            rows.Select(r => new[] { r.Id, r.Pid.ToString(), r.Status, r.Bundle, r.Created.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"), r.Owner, Machine(r) }));
        return Task.FromResult(0);
    }

    /// <summary>One damaged state must not hide the other containers.</summary>
    private static ContainerRecord? TryRead(Invocation invocation, string id)
    {
        try
        {
            return invocation.Store.TryRead(id);
        }
        catch (HostException e)
        {
            invocation.Log.Warn(e.Message);
            return null;
        }
    }

    private static string Machine(ListRow row) => row.Annotations["dev.pavise.machine"] + (row.Annotations["dev.pavise.shielded"] == "true" ? "" : " (unshielded)");

    private static ListRow Row(ContainerStore store, ContainerRecord record)
    {
        string status = ContainerStatus.Of(record);
        return new ListRow(record.OciVersion, record.Id, status == ContainerStatus.Stopped ? 0 : record.Pid, status, record.Bundle, "", record.Created, StateCommand.Annotations(store, record), "root");
    }
}
