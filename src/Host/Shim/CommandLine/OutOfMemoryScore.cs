using System.Globalization;

namespace Pavise.Host.Shim.CommandLine;

/// <summary>When memory runs out a shim is ended before containerd is (proc(5), oom_score_adj: -1000 to 1000).</summary>
internal static class OutOfMemoryScore
{
    private const int Most = 1000;

    /// <summary>Gives a process one more than this one has, as containerd's own shims do. Where that is not allowed it stays.</summary>
    public static void RaiseAboveOwn(int pid)
    {
        try
        {
            int own = int.Parse(File.ReadAllText("/proc/self/oom_score_adj"), CultureInfo.InvariantCulture);
            File.WriteAllText($"/proc/{pid}/oom_score_adj", Math.Min(own + 1, Most).ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
        }
    }
}
