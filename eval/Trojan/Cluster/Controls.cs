using Pavise.Cri.Kubelet;
using Pavise.Cri.Streaming;
using Pavise.Trojan.Attacks;
using Pavise.Workloads;

namespace Pavise.Trojan.Cluster;

/// <summary>What containerd lets its master do with a running container: signals, pause, checkpoint, limits, numbers, streams.</summary>
internal static class Controls
{
    public static IEnumerable<Attack> Of(Victim victim)
    {
        foreach (string signal in new[] { "USR1", "HUP", "INT", "QUIT", "ABRT" })
        {
            yield return Both($"signal/{signal}", "OCI-05", $"sends {signal} to the application", victim, async pod =>
            {
                await CtrAsync(victim, "task", "kill", "--signal", signal, await Victim.IdAsync(pod));
                return await SoonAsync(pod, $"GOT-{signal}");
            });
        }

        yield return Both("signal/STOP", "OCI-05", "stops the application by a signal", victim, async pod =>
        {
            if (pod == victim.Open)
            {
                await CtrAsync(victim, "task", "kill", "--signal", "TERM", await Victim.IdAsync(pod));
                return await SoonAsync(pod, "GOT-TERM");
            }

            (await CtrAsync(victim, "task", "kill", "--signal", "STOP", await Victim.IdAsync(pod))).OrThrow("kill");
            CommandResult goOn = await CtrAsync(victim, "task", "kill", "--signal", "CONT", await Victim.IdAsync(pod));
            return Observation.Effect($"the signal was delivered {goOn.Both}");
        });
        yield return Both("lifecycle/pause", "OCI-12", "pauses the application", victim, async pod =>
        {
            string id = await Victim.IdAsync(pod);
            CommandResult paused = await CtrAsync(victim, "task", "pause", id);
            if (paused.ExitCode == 0)
            {
                (await CtrAsync(victim, "task", "resume", id)).OrThrow("resume");
            }

            return Observation.Of(paused.ExitCode == 0, paused.ExitCode == 0 ? "paused and resumed" : paused.Both);
        });
        yield return new("lifecycle/checkpoint", "QH-14", "writes the application's memory to the host", async () =>
        {
            CommandResult result = await CtrAsync(victim, "task", "checkpoint", await Victim.IdAsync(victim.Closed));
            return Observation.Of(result.ExitCode == 0, result.Both);
        }, () => AliveAsync(victim.Closed));
        yield return Both("numbers/processes", "OCI-04", "lists the application's processes", victim, async pod =>
        {
            CommandResult result = await CtrAsync(victim, "task", "ps", await Victim.IdAsync(pod));
            int rows = result.ExitCode == 0 ? result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length - 1 : 0;
            return Observation.Of(rows > 0, $"{rows} processes");
        });
        yield return new("numbers/statistics", "OCI-13", "reads memory and processor time", async () => Numbers(await victim.Closed.StatsAsync("main")), async () =>
        {
            _ = await victim.Open.StatsAsync("main"); // On the machine `process` there are no numbers to tell; that the call works is what is asked.
            return Observation.Effect("statistics are answered where the policy gives them");
        });
        yield return Both("limits/memory", "OCI-15", "lowers the memory limit", victim, pod => LimitAsync(pod, 100 << 20));
        yield return new("limits/beyond", "OCI-15", "raises the memory limit beyond the policy's maximum", () => LimitAsync(victim.Open, 1L << 30), () => LimitAsync(victim.Open, 120 << 20));
        yield return new("streams/attach", "OCI-09", "attaches and reads the stream that is not the host's", () => AttachAsync(victim, victim.Closed), () => AttachAsync(victim, victim.Open));
        yield return new("streams/log", "OCI-09", "reads the stream that is not the host's in the log", () => LogAsync(victim, victim.Closed), () => LogAsync(victim, victim.Open));
    }

    /// <summary>The application still answers what it may.</summary>
    public static async Task<Observation> AliveAsync(Pod pod) => Observation.Of((await pod.ExecAsync("main", "echo", "permitted")).Output == "permitted\n", "the container goes on");

    private static async Task<Observation> LimitAsync(Pod pod, long bytes)
    {
        try
        {
            await pod.UpdateAsync("main", new() { MemoryLimitInBytes = bytes });
            return Observation.Effect("the limit was accepted");
        }
        catch (Grpc.Core.RpcException e) when (e.Status.Detail.Contains("has no cgroup controllers", StringComparison.Ordinal))
        {
            // The machine `process`: the policy permitted it, and there is nothing to limit with.
            return Observation.Effect("permitted; this machine has no limits");
        }
    }

    private static Attack Both(string id, string finding, string what, Victim victim, Func<Pod, Task<Observation>> deed) => new(id, finding, what, () => deed(victim.Closed), () => deed(victim.Open));

    private static Task<CommandResult> CtrAsync(Victim victim, params string[] arguments) => victim.Ground.Node.Containerd.CtrAsync(arguments);

    private static async Task<Observation> SoonAsync(Pod pod, string text)
    {
        for (int i = 0; i < 20; i++)
        {
            if ((await pod.LogsAsync("main")).Contains(text, StringComparison.Ordinal))
            {
                return Observation.Effect($"the application said {text}");
            }

            await Task.Delay(100);
        }

        return Observation.None("the application heard nothing");
    }

    private static async Task<Observation> AttachAsync(Victim victim, Pod pod)
    {
        await using RemoteProcess attached = await pod.AttachAsync("main", stdin: false, terminal: false);
        for (int i = 0; i < 20 && !attached.Error.Contains(victim.Ground.Secret.Text, StringComparison.Ordinal); i++)
        {
            await Task.Delay(100);
        }

        return Observation.Of(attached.Error.Contains(victim.Ground.Secret.Text, StringComparison.Ordinal), $"{attached.Error.Length} characters of the error stream");
    }

    private static async Task<Observation> LogAsync(Victim victim, Pod pod)
    {
        string log = await pod.LogsAsync("main");
        return Observation.Of(log.Contains(victim.Ground.Secret.Text, StringComparison.Ordinal), $"{log.Length} characters of log");
    }

    private static Observation Numbers(Cri.V1.ContainerStats stats) =>
        Observation.Of((stats?.Memory?.WorkingSetBytes?.Value ?? 0) + (stats?.Cpu?.UsageCoreNanoSeconds?.Value ?? 0) > 0, $"memory {stats?.Memory?.WorkingSetBytes?.Value ?? 0}, processor {stats?.Cpu?.UsageCoreNanoSeconds?.Value ?? 0}");
}
