using System.Globalization;
using Pavise.Boundary.GuestApi;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers;

/// <summary>Reads the kernel's cgroup files and says of them what the policy lets the host know.</summary>
internal static class CgroupStats
{
    /// <summary>Lines taken from one file: memory.stat has about 60, cgroup.procs one a process.</summary>
    private const int MostLines = 8192;

    private const ulong CoarseCpuUs = 100_000;
    private const ulong CoarseMemoryBytes = 16 * 1024 * 1024;

    /// <summary>Statistics of one container.</summary>
    /// <param name="read">Content of a file by its name, or empty.</param>
    /// <param name="disclosure">How finely.</param>
    public static ReadStatsResponse Read(Func<string, string> read, StatsDisclosure disclosure)
    {
        Dictionary<string, ulong> cpu = ParseFlat(read("cpu.stat"));
        Dictionary<string, ulong> memory = ParseFlat(read("memory.stat"));
        ReadStatsResponse exact = new()
        {
            Available = true,
            CpuUsageUs = cpu.GetValueOrDefault("usage_usec"),
            CpuUserUs = cpu.GetValueOrDefault("user_usec"),
            CpuSystemUs = cpu.GetValueOrDefault("system_usec"),
            CpuPeriods = cpu.GetValueOrDefault("nr_periods"),
            CpuThrottledPeriods = cpu.GetValueOrDefault("nr_throttled"),
            CpuThrottledUs = cpu.GetValueOrDefault("throttled_usec"),
            MemoryBytes = ParseLimit(read("memory.current")),
            MemoryLimitBytes = ParseLimit(read("memory.max")),
            MemoryPeakBytes = ParseLimit(read("memory.peak")),
            MemoryAnonBytes = memory.GetValueOrDefault("anon"),
            MemoryFileBytes = memory.GetValueOrDefault("file"),
            MemoryOomKills = ParseFlat(read("memory.events")).GetValueOrDefault("oom_kill"),
            Pids = ParseLimit(read("pids.current")),
            PidsLimit = ParseLimit(read("pids.max")),
        };
        return disclosure switch
        {
            StatsDisclosure.Exact => exact,
            StatsDisclosure.Coarse => Coarse(exact),
            _ => new ReadStatsResponse(),
        };
    }

    /// <summary><c>name value</c> per line. A line that is not of this form is skipped.</summary>
    public static Dictionary<string, ulong> ParseFlat(string text)
    {
        Dictionary<string, ulong> values = [];
        foreach (ReadOnlySpan<char> line in Lines(text))
        {
            int space = line.IndexOf(' ');
            if (space > 0 && ulong.TryParse(line[(space + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
            {
                values[line[..space].ToString()] = value;
            }
        }

        return values;
    }

    /// <summary>One number, or <c>max</c> (no limit: 0), or nothing (0).</summary>
    public static ulong ParseLimit(string text) => ulong.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : 0;

    /// <summary>One positive number per line.</summary>
    public static List<int> ParseNumbers(string text)
    {
        List<int> numbers = [];
        foreach (ReadOnlySpan<char> line in Lines(text))
        {
            if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0)
            {
                numbers.Add(number);
            }
        }

        return numbers;
    }

    /// <summary>Rounded down; what would count events or processes is left out.</summary>
    private static ReadStatsResponse Coarse(ReadStatsResponse exact) => new()
    {
        Available = true,
        CpuUsageUs = exact.CpuUsageUs - (exact.CpuUsageUs % CoarseCpuUs),
        CpuUserUs = exact.CpuUserUs - (exact.CpuUserUs % CoarseCpuUs),
        CpuSystemUs = exact.CpuSystemUs - (exact.CpuSystemUs % CoarseCpuUs),
        MemoryBytes = exact.MemoryBytes - (exact.MemoryBytes % CoarseMemoryBytes),
        MemoryLimitBytes = exact.MemoryLimitBytes,
        MemoryPeakBytes = exact.MemoryPeakBytes - (exact.MemoryPeakBytes % CoarseMemoryBytes),
        MemoryAnonBytes = exact.MemoryAnonBytes - (exact.MemoryAnonBytes % CoarseMemoryBytes),
        MemoryFileBytes = exact.MemoryFileBytes - (exact.MemoryFileBytes % CoarseMemoryBytes),
        PidsLimit = exact.PidsLimit,
    };

    private static LineEnumerable Lines(string text) => new(text);

    /// <summary>Lines of a text, at most <see cref="MostLines"/>.</summary>
    private ref struct LineEnumerable(string text)
    {
        private ReadOnlySpan<char> rest = text;
        private int count;

        public ReadOnlySpan<char> Current { get; private set; }

        public readonly LineEnumerable GetEnumerator() => this;

        public bool MoveNext()
        {
            if (rest.IsEmpty || count++ == MostLines)
            {
                return false;
            }

            int end = rest.IndexOf('\n');
            Current = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            return true;
        }
    }
}
