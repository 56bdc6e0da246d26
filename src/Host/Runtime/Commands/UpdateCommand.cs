using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Containers;

namespace Pavise.Host.Runtime.Commands;

internal sealed class UpdateCommand : ICommand
{
    private static readonly (string Option, string Group, string Field)[] Fields =
    [
        ("memory", "memory", "limit"), ("memory-reservation", "memory", "reservation"), ("memory-swap", "memory", "swap"),
        ("cpu-period", "cpu", "period"), ("cpu-quota", "cpu", "quota"), ("cpu-share", "cpu", "shares"), ("pids-limit", "pids", "limit"),
    ];

    public string Name => "update";

    public string Usage => "CONTAINER-ID";

    public string Help => "change a container's resource limits, up to what its policy permits";

    public IReadOnlyList<OptionSpec> Options { get; } =
        [OptionSpec.Value("resources", "file with OCI linux.resources as JSON, - for standard input", 'r'), .. Fields.Select(f => OptionSpec.Value(f.Option, $"resources.{f.Group}.{f.Field}"))];

    public async Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        ContainerRecord record = invocation.Store.Read(Invocation.OnlyId(arguments));
        byte[] resources = arguments.Value("resources") switch
        {
            null => FromOptions(arguments),
            "-" => await ReadAsync(Console.OpenStandardInput(), cancellation),
            var file => File.Exists(file) ? await ReadAsync(File.OpenRead(file), cancellation) : throw new HostException($"the resources file {file} does not exist"),
        };
        await GuestCalls.WithGuestAsync(record, guest => guest.UpdateResourcesAsync(new UpdateResourcesRequest { ContainerId = record.Id, Resources = ByteString.CopyFrom(resources) }, cancellation), cancellation);
        return 0;
    }

    private static byte[] FromOptions(ParsedArguments arguments)
    {
        JsonObject resources = [];
        foreach ((string option, string group, string field) in Fields)
        {
            if (arguments.Value(option) is not { } text)
            {
                continue;
            }

            if (!long.TryParse(text, out long value))
            {
                throw new UsageException($"--{option} takes a number, not {text}");
            }

            JsonObject target = resources[group] as JsonObject ?? [];
            target[field] = value;
            resources[group] ??= target;
        }

        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            resources.WriteTo(writer);
        }

        return stream.ToArray();
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        await using (stream)
        {
            byte[] buffer = new byte[BoundaryLimits.OciSpecBytes + 1];
            int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
            return length <= BoundaryLimits.OciSpecBytes ? buffer[..length] : throw new HostException($"resources of more than {BoundaryLimits.OciSpecBytes} bytes");
        }
    }
}
