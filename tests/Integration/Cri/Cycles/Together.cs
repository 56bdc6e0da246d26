using System.Diagnostics;
using System.Globalization;
using Pavise.Cri.Kubelet;
using Pavise.Cri.Node;

namespace Pavise.Cri.Cycles;

/// <summary>What many pods at once took.</summary>
/// <param name="Seconds">Until every one had answered an exec.</param>
/// <param name="Bytes">Memory of their shims, visors and machines.</param>
public sealed record TogetherReport(double Seconds, long Bytes);

/// <summary>Pods at the same time on one node.</summary>
public static class Together
{
    private const int Most = 10, Least = 2;
    private const long VirtualMachineBytes = 400L << 20, Reserve = 1L << 30;

    /// <summary>How many fit into the memory that is free now, with 256 MiB of guest memory each.</summary>
    public static int Fitting(string machine) => machine != "tcg" ? Most
        : (int)Math.Clamp((AvailableBytes() - Reserve) / VirtualMachineBytes, Least, Most);

    /// <summary>Starts all at once, has each answer an exec while all run, and removes all at once.</summary>
    /// <exception cref="PodException">One did not come up or did not answer.</exception>
    public static async Task<TogetherReport> RunAsync(ClusterNode node, string yaml, string[] exec, int count)
    {
        long start = Stopwatch.GetTimestamp();
        Pod[] pods = [.. Enumerable.Range(0, count).Select(_ => node.Kubelet.Admit(yaml))];
        try
        {
            await Task.WhenAll(pods.Select(p => p.StartAsync()));
            ExecResult[] answers = await Task.WhenAll(pods.Select(p => p.ExecAsync("main", exec)));
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            PodStatus[] all = await Task.WhenAll(pods.Select(p => p.StatusAsync()));
            return answers.All(a => a.ExitCode == 0) && all.All(s => s.Phase == "Running")
                ? new(seconds, pods.Sum(p => p.Processes().All.Sum(e => ProcessTable.ProportionalMemory(e.Id))))
                : throw new PodException("Together", $"not all pods run: {string.Join(", ", all.Select(s => s.Phase))}");
        }
        finally
        {
            await Task.WhenAll(pods.Select(p => p.DisposeAsync().AsTask()));
        }
    }

    private static long AvailableBytes() =>
        long.Parse(File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
}
