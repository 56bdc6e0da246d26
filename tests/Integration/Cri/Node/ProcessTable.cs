using System.Globalization;

namespace Pavise.Cri.Node;

/// <summary>One process of the machine.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Parent">Its parent's number.</param>
/// <param name="Started">Start time in clock ticks since boot; with the number it names a process for good.</param>
/// <param name="CommandLine">Arguments, joined by spaces.</param>
public sealed record ProcessEntry(int Id, int Parent, ulong Started, string CommandLine)
{
    /// <summary>Whether this very process still runs; a zombie does not.</summary>
    public bool IsAlive() => ProcessTable.Read(Id) is ProcessEntry now && now.Started == Started;

    /// <summary>Ends it by SIGKILL, if it is still this process.</summary>
    public void Kill()
    {
        if (IsAlive())
        {
            using System.Diagnostics.Process process = System.Diagnostics.Process.GetProcessById(Id);
            process.Kill();
        }
    }
}

/// <summary>The machine's processes, from /proc (proc(5): stat, cmdline).</summary>
public static class ProcessTable
{
    private const int StateField = 0, ParentField = 1, StartedField = 19;

    public static IReadOnlyList<ProcessEntry> All() =>
        [.. Directory.EnumerateDirectories("/proc").Select(p => int.TryParse(Path.GetFileName(p), out int id) ? Read(id) : null).OfType<ProcessEntry>()];

    /// <summary>One process; null when it ended or is a zombie.</summary>
    public static ProcessEntry? Read(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            // The name in parentheses may hold anything; the fields after it are numbers.
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[StateField] is "Z" or "X" ? null
                : new(id, int.Parse(fields[ParentField], CultureInfo.InvariantCulture), ulong.Parse(fields[StartedField], CultureInfo.InvariantCulture),
                    File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ').TrimEnd());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Where a descriptor leads; null when there is none.</summary>
    public static string? Descriptor(int id, int descriptor)
    {
        try
        {
            return new FileInfo($"/proc/{id}/fd/{descriptor}").LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Resident memory in bytes that a process shares with nobody, plus its part of what it shares; 0 when it ended.</summary>
    public static long ProportionalMemory(int id)
    {
        try
        {
            string line = File.ReadLines($"/proc/{id}/smaps_rollup").First(l => l.StartsWith("Pss:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
