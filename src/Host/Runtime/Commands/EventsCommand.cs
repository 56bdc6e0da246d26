using System.Text.Json.Nodes;
using Pavise.Boundary.GuestApi;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Containers;

namespace Pavise.Host.Runtime.Commands;

internal sealed class EventsCommand : ICommand
{
    public string Name => "events";

    public string Usage => "CONTAINER-ID";

    public string Help => "show resource use, as finely as the policy lets the host see it";

    public IReadOnlyList<OptionSpec> Options { get; } = [OptionSpec.Switch("stats", "once"), OptionSpec.Value("interval", "seconds between two reports (default 5s)")];

    public async Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        ContainerRecord record = invocation.Store.Read(Invocation.OnlyId(arguments));
        string text = arguments.Value("interval") ?? "5s";
        if (!double.TryParse(text.TrimEnd('s'), out double seconds) || seconds is <= 0 or > 86_400)
        {
            throw new UsageException($"--interval takes seconds such as 5s, not {text}");
        }

        while (true)
        {
            ReadStatsResponse stats = await GuestCalls.WithGuestAsync(record, guest => guest.ReadStatsAsync(new ReadStatsRequest { ContainerId = record.Id }, cancellation), cancellation);
            Console.Out.WriteLine(Json(record.Id, stats));
            if (arguments.Has("stats"))
            {
                return 0;
            }

            await Task.Delay(TimeSpan.FromSeconds(seconds), invocation.Time, cancellation);
            if (ContainerStatus.Of(record) == ContainerStatus.Stopped)
            {
                return 0;
            }
        }
    }

    /// <summary>In runc's shape (its types/events.go), CPU in nanoseconds; an absent figure is absent, not zero.</summary>
    internal static string Json(string id, ReadStatsResponse s)
    {
        JsonObject data = !s.Available ? [] : new()
        {
            ["cpu"] = new JsonObject
            {
                ["usage"] = new JsonObject { ["total"] = s.CpuUsageUs * 1000, ["user"] = s.CpuUserUs * 1000, ["kernel"] = s.CpuSystemUs * 1000 },
                ["throttling"] = new JsonObject { ["periods"] = s.CpuPeriods, ["throttledPeriods"] = s.CpuThrottledPeriods, ["throttledTime"] = s.CpuThrottledUs * 1000 },
            },
            ["memory"] = new JsonObject
            {
                ["usage"] = new JsonObject { ["usage"] = s.MemoryBytes, ["limit"] = s.MemoryLimitBytes, ["max"] = s.MemoryPeakBytes },
                ["raw"] = new JsonObject { ["anon"] = s.MemoryAnonBytes, ["file"] = s.MemoryFileBytes },
            },
            ["pids"] = new JsonObject { ["current"] = s.Pids, ["limit"] = s.PidsLimit },
        };
        return new JsonObject { ["type"] = "stats", ["id"] = id, ["data"] = data }.ToJsonString();
    }
}
