namespace Pavise.Host.Visor;

/// <summary>The start time of a process in clock ticks since boot (/proc/PID/stat, field 22): with the pid it names one process and no later one.</summary>
public static class ProcessStartTime
{
    private const int FieldAfterName = 19;

    /// <summary>The start time; null when there is no such process.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="proc">Where proc is mounted: another one knows other processes.</param>
    public static string? Of(int pid, string proc = "/proc")
    {
        try
        {
            string stat = File.ReadAllText($"{proc}/{pid}/stat");
            // The name in parentheses may hold anything, parentheses too.
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields.Length > FieldAfterName ? fields[FieldAfterName] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
