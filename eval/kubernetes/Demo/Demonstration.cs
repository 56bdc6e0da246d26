using System.Text.Json;
using Pavise.Workloads;

namespace Pavise.Eval.Kubernetes;

/// <summary>A Deployment's life under a policy, by kubectl alone. Each step says what was seen, or throws what was wrong.</summary>
internal sealed class Demonstration(Cluster cluster, string machine)
{
    private const string Refused = "refused by the owner's policy";

    private SortedSet<string> before = [];
    private string rootHash = "";
    private string first = "";
    private string second = "";

    /// <summary>Memory of one pod's host processes in MiB.</summary>
    public IReadOnlyDictionary<string, double> Memory { get; private set; } = new Dictionary<string, double>();

    /// <summary>Runs all steps.</summary>
    public async Task RunAsync(Steps steps)
    {
        await steps.RunAsync("the node is Ready", () => cluster.DoAsync("get", "nodes", "-o", "wide"));
        await steps.RunAsync("a pod under runc runs, logs, executes and goes: the cluster itself works", PlainAsync);
        // After that pod, since this kubelet leaves runc's empty cgroups in a hybrid hierarchy's second version.
        before = await new NodeRemains(cluster).LookAsync();
        try
        {
            await RunStepsAsync(steps);
        }
        finally
        {
            // A failed step must not leave pods behind for the next run.
            await cluster.KubectlAsync("delete", "deployment,pod", "--all", "--wait=true", "--timeout=90s", "--ignore-not-found");
        }

        await steps.RunAsync("nothing is left over on the node", NothingLeftAsync);
    }

    private async Task RunStepsAsync(Steps steps)
    {
        await steps.RunAsync($"new pods get the machine {machine}", async () => (await Command.RunAsync(Path.Combine(cluster.Repository, "eval/kubernetes/machine"), [machine])).OrThrow("machine").Output + machine);
        await steps.RunAsync("RuntimeClass pavise", () => cluster.DoAsync("apply", "--validate=false", "-f", Path.Combine(cluster.Repository, "deploy/base/runtime-class.yaml")));
        await steps.RunAsync("the owner writes a policy in two versions", PoliciesAsync);
        if (!await steps.RunAsync("a Deployment becomes Ready by its exec probe", () => DeployAsync(first, 1)))
        {
            return;
        }

        await steps.RunAsync("the pod carries the overhead of its runtime class", OverheadAsync);
        await steps.RunAsync("memory of the pod's host processes", () =>
        {
            Memory = new PodMemory(cluster).Read();
            return Task.FromResult(Memory.Count > 0 ? string.Join(", ", Memory.Select(m => $"{m.Key} {m.Value:0} MiB")) : throw new InvalidOperationException("no shim of this cluster runs"));
        });
        await steps.RunAsync("logs", LogsAsync);
        await steps.RunAsync("exec, permitted: the application answers", ExecPermittedAsync);
        await steps.RunAsync("exec, refused: the policy's answer reaches the user", () => ExecRefusedAsync("sh", "-c", "id"));
        await steps.RunAsync("describe shows a running, Ready pod and no refusal", DescribeAsync);
        await steps.RunAsync("describe shows why a pod with a foreign command does not start", IntruderAsync);
        await steps.RunAsync("the container is started again when the application ends", RestartAsync);
        await steps.RunAsync("containerd is killed and started again: the pod lives on, is executed in, and ends truly", ContainerdKilledAsync);
        await steps.RunAsync("the shim is killed: the kubelet makes the pod anew", ShimKilledAsync);
        // In software three pVMs are what two cores start in a sensible time.
        int many = machine == "process" ? 10 : 3;
        await steps.RunAsync($"scale to {many}", () => ScaleAsync(many));
        await steps.RunAsync("scale to 1", () => ScaleAsync(1));
        await steps.RunAsync("rollout to version 2 of the policy", () => DeployAsync(second, 1));
        await steps.RunAsync("version 2 permits what it adds, refuses what it dropped, and is redacted", VersionTwoAsync);
        await steps.RunAsync("delete", DeleteAsync);
    }

    private async Task<string> PlainAsync()
    {
        await cluster.ApplyAsync("plain", Workload.Plain);
        await cluster.DoAsync("wait", "--for=condition=Ready", "pod/plain", "--timeout=60s");
        Require(await cluster.DoAsync("logs", "plain"), "hello from runc");
        Require(await cluster.DoAsync("exec", "plain", "--", "echo", "from exec"), "from exec");
        return await cluster.DoAsync("delete", "pod", "plain", "--timeout=60s");
    }

    private async Task<string> PoliciesAsync()
    {
        rootHash = await cluster.OwnerAsync("image", "hash", ClusterImages.Layout(cluster.Images, "redis"));
        (first, second) = (await AnnotationAsync(1), await AnnotationAsync(2));
        return $"{rootHash}\nannotations of {first.Length} and {second.Length} characters";
    }

    private async Task<string> AnnotationAsync(int version)
    {
        string file = Path.Combine(cluster.Folder, $"policy-{version}.yaml");
        await File.WriteAllTextAsync(file, Workload.Policy(rootHash, version));
        return await cluster.OwnerAsync("policy", "annotation", file);
    }

    private async Task<string> DeployAsync(string annotation, int replicas)
    {
        await cluster.ApplyAsync(Workload.Name, Workload.Deployment(annotation, replicas));
        CommandResult result = await cluster.KubectlAsync("rollout", "status", $"deployment/{Workload.Name}", "--timeout=240s");
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException(result.Both + "\n" + (await cluster.KubectlAsync("get", "events", "-o", "custom-columns=R:.reason,M:.message")).Both);
        }

        return await SettledAsync(replicas);
    }

    /// <summary>As many pods as wanted, all Ready, none still going.</summary>
    private Task<string> SettledAsync(int replicas) => Cluster.UntilAsync(240, $"{replicas} Ready pods and no others", async () =>
    {
        string seen = await cluster.DoAsync("get", "pods", "-l", Workload.Label, "--no-headers");
        string[] lines = seen.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (lines.Length == replicas && lines.All(l => l.Contains("1/1", StringComparison.Ordinal) && l.Contains("Running", StringComparison.Ordinal)), seen);
    });

    private async Task<string> PodAsync() => (await cluster.PodsAsync(Workload.Label)).Single();

    private async Task<string> OverheadAsync()
    {
        string overhead = await cluster.DoAsync("get", "pod", await PodAsync(), "-o", "jsonpath={.spec.overhead}");
        using JsonDocument json = JsonDocument.Parse(overhead);
        return json.RootElement.TryGetProperty("memory", out _) ? overhead : throw new InvalidOperationException($"no memory in the overhead: {overhead}");
    }

    private async Task<string> LogsAsync() => Require(await cluster.DoAsync("logs", await PodAsync()), "Ready to accept connections");

    private async Task<string> ExecPermittedAsync()
    {
        string pod = await PodAsync();
        Require(await cluster.DoAsync("exec", pod, "--", "redis-cli", "set", "greeting", "hello"), "OK");
        return Require(await cluster.DoAsync("exec", pod, "--", "redis-cli", "get", "greeting"), "hello");
    }

    private async Task<string> ExecRefusedAsync(params string[] command)
    {
        CommandResult result = await cluster.KubectlAsync(["exec", await PodAsync(), "--", .. command]);
        return result.ExitCode != 0 ? Require(result.Error.Trim(), Refused) : throw new InvalidOperationException($"it was permitted and printed: {result.Both}");
    }

    private async Task<string> DescribeAsync()
    {
        string text = await cluster.DoAsync("describe", "pod", await PodAsync());
        Require(text, "Started container redis");
        Require(text, "dev.pavise.policy");
        if (text.Contains(Refused, StringComparison.Ordinal) || text.Contains("Unhealthy", StringComparison.Ordinal) && text.Contains("Liveness", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(text);
        }

        return string.Join('\n', text.Split('\n').Where(l => l.Contains("Ready ", StringComparison.Ordinal) || l.Contains("Started", StringComparison.Ordinal)).Select(l => l.Trim()));
    }

    private async Task<string> IntruderAsync()
    {
        await cluster.ApplyAsync("intruder", Workload.Intruder(first));
        string seen = await Cluster.UntilAsync(120, "an event with the refusal", async () =>
        {
            string text = await cluster.DoAsync("describe", "pod", "intruder");
            return (text.Contains(Refused, StringComparison.Ordinal), text);
        });
        await cluster.DoAsync("delete", "pod", "intruder", "--timeout=60s");
        return seen.Split('\n').First(l => l.Contains(Refused, StringComparison.Ordinal)).Trim();
    }

    private async Task<string> RestartAsync()
    {
        string pod = await PodAsync();
        await cluster.KubectlAsync("exec", pod, "--", "redis-cli", "shutdown", "nosave");
        return await Cluster.UntilAsync(180, "restart count 1, and Ready again", async () =>
        {
            string seen = await cluster.DoAsync("get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].ready} {.status.containerStatuses[0].lastState.terminated.exitCode}");
            return (seen == "1 true 0", "restarts, ready, last exit code: " + seen);
        });
    }

    private async Task<string> ContainerdKilledAsync()
    {
        string pod = await PodAsync();
        string container = await cluster.DoAsync("get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].containerID}");
        (await Command.RunAsync(Path.Combine(cluster.Repository, "eval/kubernetes/restart-containerd"), [])).OrThrow("restart-containerd");
        Require(await Cluster.UntilAsync(60, "exec answers again", async () =>
        {
            CommandResult answer = await cluster.KubectlAsync("exec", pod, "--", "redis-cli", "ping");
            return (answer.ExitCode == 0, answer.Both);
        }), "PONG");
        string now = await cluster.DoAsync("get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].containerID}");
        return now == container ? $"the same container: {now}" : throw new InvalidOperationException($"it was {container} and is {now}");
    }

    private async Task<string> ShimKilledAsync()
    {
        string pod = await PodAsync();
        string restarts = await cluster.DoAsync("get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].restartCount}");
        int shim = new PodMemory(cluster).Shims().Single();
        (await Command.RunAsync("kill", ["-KILL", $"{shim}"])).OrThrow("kill");
        return await Cluster.UntilAsync(180, "one more restart, and Ready", async () =>
        {
            string seen = await cluster.DoAsync("get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].ready}");
            return (seen == $"{int.Parse(restarts) + 1} true", "restarts, ready: " + seen);
        });
    }

    private async Task<string> ScaleAsync(int replicas)
    {
        await cluster.DoAsync("scale", $"deployment/{Workload.Name}", $"--replicas={replicas}");
        return await SettledAsync(replicas);
    }

    private async Task<string> VersionTwoAsync()
    {
        string pod = await PodAsync();
        await cluster.DoAsync("exec", pod, "--", "redis-cli", "lastsave");
        string refusal = await ExecRefusedAsync("redis-cli", "dbsize");
        return refusal.Contains("ExecProcess", StringComparison.Ordinal) ? throw new InvalidOperationException($"the refusal names its rule: {refusal}") : refusal;
    }

    private async Task<string> DeleteAsync()
    {
        await cluster.DoAsync("delete", "deployment", Workload.Name, "--timeout=60s");
        return await Cluster.UntilAsync(120, "no pods", async () =>
        {
            string[] pods = await cluster.PodsAsync(Workload.Label);
            return (pods.Length == 0, pods.Length == 0 ? "no pods" : string.Join(' ', pods));
        });
    }

    private Task<string> NothingLeftAsync() => Cluster.UntilAsync(60, "the node is as before", async () =>
    {
        string[] left = [.. (await new NodeRemains(cluster).LookAsync()).Except(before)];
        return (left.Length == 0, left.Length == 0 ? "no container, task, snapshot, process, sandbox folder, mount, network namespace or cgroup" : string.Join('\n', left));
    });

    private static string Require(string text, string part) =>
        text.Contains(part, StringComparison.Ordinal) ? text.Length > 1500 ? text[^1500..] : text : throw new InvalidOperationException($"\"{part}\" is not in: {text}");
}
