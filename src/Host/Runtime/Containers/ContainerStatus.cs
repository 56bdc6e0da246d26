namespace Pavise.Host.Runtime.Containers;

/// <summary>Status words of the OCI runtime specification, and what they follow from.</summary>
internal static class ContainerStatus
{
    public const string Created = "created", Running = "running", Paused = "paused", Stopped = "stopped";

    public static string Of(ContainerRecord record) =>
        !IsAlive(record.Pid, record.PidStartTicks) ? Stopped
        : !record.Started ? Created
        : record.Paused ? Paused
        : Running;

    /// <summary>Start time of a process in clock ticks since boot (proc(5), stat, field 22), or 0 when it is gone or a zombie.</summary>
    public static ulong StartTicks(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? 0 : ulong.Parse(fields[19]);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static bool IsAlive(int pid, ulong startTicks) => pid > 0 && StartTicks(pid) is var now && now != 0 && now == startTicks;
}
