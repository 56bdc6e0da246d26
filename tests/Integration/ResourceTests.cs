using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>Limits, statistics, freezing and processes, in a guest with cgroup v2 controllers.</summary>
public sealed class ResourceTests
{
    [Fact]
    public async Task Limits_hold_statistics_are_read_and_a_container_freezes_and_thaws_as_the_policy_says()
    {
        await using Node node = new("tcg");
        (string root, string layout) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string policy = Policies.Plain(await Owner.RootHashAsync(layout), "[sleep, \"1000\"]", "    resources: { memory: 64Mi, cpus: 1, pids: 20 }\n    exec: [{ args: [echo, hi], output: host }]")
            .Replace("pause: allow", "pause: allow, resize: { maxMemory: 128Mi }", StringComparison.Ordinal);
        JsonObject config = Bundle.Config(root, ["sleep", "1000"], env: ["PATH=/usr/bin:/bin"]);
        (await node.RuntimeToFileAsync(Path.Combine(node.Folder, "out"), "run", "--detach", "--bundle", node.Bundle("r", config, await Owner.AnnotationAsync(policy)), "r")).OrThrow("run");

        JsonNode data = JsonNode.Parse((await node.RuntimeAsync("events", "--stats", "r")).OrThrow("events").Output)!["data"]!;
        Assert.Equal(64L << 20, (long)data["memory"]!["usage"]!["limit"]!);
        Assert.Equal(20, (long)data["pids"]!["limit"]!);
        Assert.True((long)data["memory"]!["usage"]!["usage"]! > 0);
        Assert.True((long)data["cpu"]!["usage"]!["total"]! > 0);
        Assert.Contains("sleep", (await node.RuntimeAsync("ps", "r")).OrThrow("ps").Output, StringComparison.Ordinal);

        (await node.RuntimeAsync("pause", "r")).OrThrow("pause");
        Assert.Equal("paused", (string?)(await node.StateOfAsync("r"))["status"]);
        Assert.NotEqual(0, (await node.RuntimeAsync("exec", "r", "echo", "hi")).ExitCode);
        (await node.RuntimeAsync("resume", "r")).OrThrow("resume");
        Assert.Equal("hi", (await node.RuntimeAsync("exec", "r", "echo", "hi")).OrThrow("exec").Output.Trim());

        (await node.RuntimeAsync("update", "--memory", $"{100 << 20}", "r")).OrThrow("update");
        data = JsonNode.Parse((await node.RuntimeAsync("events", "--stats", "r")).OrThrow("events").Output)!["data"]!;
        Assert.Equal(100L << 20, (long)data["memory"]!["usage"]!["limit"]!);
        Assert.NotEqual(0, (await node.RuntimeAsync("update", "--memory", $"{200 << 20}", "r")).ExitCode);

        (await node.RuntimeAsync("kill", "r", "KILL")).OrThrow("kill");
        await node.WaitForStatusAsync("r", "stopped");
        (await node.RuntimeAsync("delete", "r")).OrThrow("delete");
    }
}
