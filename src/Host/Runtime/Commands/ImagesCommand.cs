using System.Globalization;
using System.Text.Json;
using Pavise.Host.ImageCache;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Containers;

namespace Pavise.Host.Runtime.Commands;

/// <summary>The node's cache of root images. What is removed is built again when it is needed.</summary>
internal sealed class ImagesCommand : ICommand
{
    private const long Mib = 1 << 20;

    public string Name => "images";

    public string Usage => "[list | prune]";

    public string Help => "list the cached root images, or remove those that were not used for a time";

    public IReadOnlyList<OptionSpec> Options { get; } =
    [
        OptionSpec.Value("format", "list: table or json (default table)", 'f'),
        OptionSpec.Switch("quiet", "list: root hashes only", 'q'),
        OptionSpec.Value("unused-for", "prune: hours without use (default 168; 0 removes all)"),
        OptionSpec.Switch("dry-run", "prune: say what would be removed"),
    ];

    public Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        RootImageCache cache = new(invocation.Surroundings.Configuration().Cache, invocation.Time);
        switch (arguments.Positional)
        {
            case [] or ["list"]:
                List(cache, arguments);
                return Task.FromResult(0);
            case ["prune"]:
                Prune(cache, arguments, invocation.Time);
                return Task.FromResult(0);
            default:
                throw new UsageException($"unknown argument {string.Join(' ', arguments.Positional)} (known: list, prune)");
        }
    }

    private static void List(RootImageCache cache, ParsedArguments arguments)
    {
        IReadOnlyList<CacheEntry> entries = cache.List();
        string format = arguments.Value("format") ?? "table";
        if (format is not ("table" or "json"))
        {
            throw new UsageException($"unknown format {format} (known: table, json)");
        }

        if (arguments.Has("quiet"))
        {
            foreach (CacheEntry entry in entries)
            {
                Console.Out.WriteLine(entry.RootHashHex);
            }
        }
        else if (format == "json")
        {
            Console.Out.WriteLine(JsonSerializer.Serialize([.. entries], RuntimeJson.Default.ListCacheEntry));
        }
        else
        {
            Table.Write(Console.Out, ["ROOT HASH", "MIB", "BUILT", "LAST USED", "SOURCES"], entries.Select(e => new[]
            {
                e.RootHashHex, ((e.Bytes + Mib - 1) / Mib).ToString(CultureInfo.InvariantCulture), Text(e.Made), Text(e.Used), e.Sources.ToString(CultureInfo.InvariantCulture),
            }));
        }
    }

    private static void Prune(RootImageCache cache, ParsedArguments arguments, TimeProvider time)
    {
        const int week = 7 * 24, century = 24 * 36525;
        int hours = arguments.Value("unused-for") is not { } text ? week
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int given) && given <= century ? given
            : throw new UsageException($"--unused-for is a number of hours, not {text}");
        DateTimeOffset before = hours == 0 ? DateTimeOffset.MaxValue : time.GetUtcNow() - TimeSpan.FromHours(hours);
        IReadOnlyList<CacheEntry> removed = arguments.Has("dry-run") ? [.. cache.List().Where(e => e.Used < before)] : cache.Prune(before);
        foreach (CacheEntry entry in removed)
        {
            Console.Out.WriteLine(entry.RootHashHex);
        }

        Console.Out.WriteLine($"{removed.Count} images, {removed.Sum(e => e.Bytes) / Mib} MiB{(arguments.Has("dry-run") ? " would be freed" : " freed")}");
    }

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
