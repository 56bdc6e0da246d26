using Pavise.Cri.Kubelet;
using Pavise.Cri.Node;
using Pavise.Cri.V1;
using Pavise.Trojan.Attacks;

namespace Pavise.Trojan.Cluster;

/// <summary>Order, number, endings, files, policies, and what a container leaves on the node.</summary>
internal static class Lifecycles
{
    private const string Sleep = "exec sleep 1000";

    public static IEnumerable<Attack> Of(ClusterGround ground)
    {
        string hash = ground.Node.BusyboxHash, spec = Texts.Pod(Sleep), policy = Texts.Policy(hash, Sleep);
        Func<Task<Observation>> runs = () => UpAsync(ground, spec, policy);
        yield return new("containers/second", "OCI-17", "starts a second instance of a container", () => AddedAsync(ground, spec, policy, "sh", "-c", Sleep), runs);
        yield return new("containers/debugger", "OCI-17", "adds an ephemeral container, as kubectl debug does", () => AddedAsync(ground, spec, policy, "sh", "-c", "exec sleep 999"), runs);
        yield return new("containers/side-car", "OCI-17", "adds a side-car", () => UpAsync(ground, Texts.Pod(Sleep, pod: $"initContainers: [{{ name: evil, image: {ClusterNode.Busybox}, restartPolicy: Always, command: [sleep, \"1000\"] }}]"), policy), runs);
        yield return new("containers/init", "OCI-17", "adds an init container", () => UpAsync(ground, Texts.Pod(Sleep, pod: $"initContainers: [{{ name: evil, image: {ClusterNode.Busybox}, command: [\"true\"] }}]"), policy), runs);
        string ordered = Texts.Policy(hash, Sleep, "after: [{ container: first, state: succeeded }]", more: Texts.Entry("first", hash, "true"));
        string first = $"initContainers: [{{ name: first, image: {ClusterNode.Busybox}, command: [sh, -c, \"true\"] }}]";
        yield return new("containers/order", "OCI-17", "starts a container before the one that has to end first", () => UpAsync(ground, spec, ordered), () => UpAsync(ground, Texts.Pod(Sleep, pod: first), ordered));
        yield return new("containers/restarts", "OCI-17", "restarts a container more often than the policy says", () => RestartsAsync(ground, "restarts: { max: 1 }", 2), () => RestartsAsync(ground, "restarts: { max: 1 }", 1));
        yield return Probe(ground, "hook-post-start", "lifecycle: { postStart: { exec: { command: [echo, evil] } } }", "FailedPostStartHook");
        yield return new("endings/status", "OCI-11", "reads the exit status", () => StatusAsync(ground, "hidden"), () => StatusAsync(ground, "exact"));
        yield return new("endings/status-success", "OCI-11", "reads which failure it was", () => StatusAsync(ground, "success"), () => StatusAsync(ground, "exact"));
        foreach (Attack attack in Leaks(ground).Concat(Files(ground)).Concat(Policies(ground, spec, policy, runs)))
        {
            yield return attack;
        }
    }

    private static IEnumerable<Attack> Leaks(ClusterGround ground)
    {
        string hash = ground.Node.BusyboxHash;
        string words = $"{ground.MakeSecret}; echo $C >/dev/termination-log 2>/dev/null; echo done";
        yield return new("leak/termination-log", "OCI-20", "reads the application's last words", async () =>
        {
            await using Pod pod = await ground.RunAsync(Texts.Pod(words), Texts.Policy(hash, words));
            await pod.WaitUntilAsync(s => s.Phase is "Succeeded" or "Failed");
            string message = await pod.TerminationMessageAsync("main");
            return Observation.Of(message.Contains(ground.Secret.Text, StringComparison.Ordinal), $"{message.Length} characters");
        }, async () => Observation.Of((await ground.LogOfAsync(Texts.Pod(words), Texts.Policy(hash, words))).EndsWith("done\n", StringComparison.Ordinal), "the application ends well"));
        string scratch = $"{ground.MakeSecret}; echo $C >/cache/secret && cat /cache/secret >/dev/null && echo kept; exec sleep 1000";
        string cached = Texts.Pod(scratch, "volumeMounts: [{ name: cache, mountPath: /cache }]", "volumes: [{ name: cache, emptyDir: {} }]"), cachedPolicy = Texts.Policy(hash, scratch, "mounts: [{ path: /cache, tmpfs: 1Mi }]");
        yield return new("leak/empty-dir", "QM-26", "reads the application's scratch folder on the node", async () =>
        {
            await using Pod pod = await ground.RunAsync(cached, cachedPolicy);
            await pod.WaitForLogAsync("main", "kept");
            return await SearchAsync(ground, pod.Folder);
        }, async () =>
        {
            await using Pod pod = await ground.RunAsync(cached, cachedPolicy);
            await pod.WaitForLogAsync("main", "kept");
            return Observation.Effect("the application keeps a file there");
        });
        string talk = $"{ground.MakeSecret}; echo $C; echo $C >&2; exec sleep 1000", quiet = Texts.Policy(hash, talk, stdio: "stdin: none, stdout: none, stderr: none");
        yield return new("leak/logs", "OCI-09", "reads both streams of a container that gives none", async () =>
        {
            await using Pod pod = await ground.RunAsync(Texts.Pod(talk), quiet);
            await Task.Delay(1500);
            return await SearchAsync(ground, pod.LogFolder);
        }, () => UpAsync(ground, Texts.Pod(talk), quiet));
        const string listen = "read L; echo GOT $L; exec sleep 1000";
        async Task<Observation> TypeAsync(string stdin)
        {
            await using Pod pod = await ground.RunAsync(Texts.Pod(listen, "stdin: true"), Texts.Policy(hash, listen, stdio: $"stdin: {stdin}, stdout: host, stderr: none"));
            await using Cri.Streaming.RemoteProcess attached = await pod.AttachAsync("main", stdin: true, terminal: false);
            await attached.WriteAsync("evil\n");
            for (int i = 0; i < 20 && !(await pod.LogsAsync("main")).Contains("GOT evil", StringComparison.Ordinal); i++)
            {
                await Task.Delay(100);
            }

            string log = await pod.LogsAsync("main");
            return Observation.Of(log.Contains("GOT evil", StringComparison.Ordinal), log);
        }

        yield return new("streams/standard-input", "QM-15", "types into the first process", () => TypeAsync("none"), () => TypeAsync("host"));
    }

    private static IEnumerable<Attack> Files(ClusterGround ground)
    {
        const string script = "cat /etc/app/a /etc/app/b; echo end";
        string Digest(string text) => $"sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))}";
        string policy = Texts.Policy(ground.Node.BusyboxHash, script, $"mounts: [{{ path: /etc/app, files: {{ a: \"{Digest("alpha")}\", b: \"{Digest("beta")}\" }} }}]");
        string spec = Texts.Pod(script, "volumeMounts: [{ name: app, mountPath: /etc/app }]", "volumes: [{ name: app, configMap: { name: app } }]");
        async Task<Observation> ReadAsync(string a, string? b)
        {
            string log = await ground.LogOfAsync(spec, policy, $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: app }}\ndata: {{ a: {Texts.Quote(a)}{(b is null ? "" : $", b: {Texts.Quote(b)}")} }}");
            return Observation.Of(log.EndsWith("end\n", StringComparison.Ordinal), $"the container read: {log}");
        }

        Func<Task<Observation>> honest = () => ReadAsync("alpha", "beta");
        foreach ((string name, string what, string a, string? b) in new[] { ("changed", "changes a file of a ConfigMap", "alphA", "beta"), ("swapped", "exchanges two files", "beta", (string?)"alpha"), ("truncated", "cuts a file short", "alph", "beta"), ("longer", "appends to a file", "alpha\n", "beta"), ("empty", "empties a file", "", "beta"), ("missing", "leaves a file out", "alpha", null), ("doubled", "brings one file twice", "alpha", "alpha") })
        {
            yield return new($"files/{name}", "OCI-16", what, () => ReadAsync(a, b), honest);
        }
    }

    private static IEnumerable<Attack> Policies(ClusterGround ground, string spec, string policy, Func<Task<Observation>> runs)
    {
        async Task<Observation> ChangedAsync(Func<string, string> change)
        {
            string yaml = await ground.Node.PodAsync(ground.Runtime, spec, ground.Policies ? policy : null);
            await using Pod pod = await ground.Node.Kubelet.RunAsync(change(yaml));
            return await RunningAsync(pod);
        }

        const string key = "dev.pavise.policy: \"";
        static int Value(string y) => y.IndexOf(key, StringComparison.Ordinal) is var at and >= 0 ? at + key.Length : 0;
        yield return new("policy/absent", "CC-01", "leaves the policy out", () => ChangedAsync(y => y.Replace("dev.pavise.policy", "dev.pavise.other", StringComparison.Ordinal)), runs);
        yield return new("policy/truncated", "CC-05", "cuts the policy short", () => ChangedAsync(y => Value(y) is var at and > 0 ? y.Remove(at + 200, 16) : y), runs);
        yield return new("policy/bit", "CC-05", "changes one character of the policy", () => ChangedAsync(y => Value(y) is var at and > 0 ? y[..(at + 300)] + (y[at + 300] == 'A' ? 'B' : 'A') + y[(at + 301)..] : y), runs);
        yield return new("policy/empty", "CC-01", "sends an empty policy", () => ChangedAsync(y => Value(y) is var at and > 0 ? y[..at] + y[y.IndexOf('"', at)..] : y), runs);
        yield return new("policy/not-compressed", "CC-05", "sends other bytes in the policy's place", () => ChangedAsync(y => Value(y) is var at and > 0 ? y[..at] + "e30=" + y[y.IndexOf('"', at)..] : y), runs);
    }

    private static Attack Probe(ClusterGround ground, string name, string lines, string failure)
    {
        async Task<Observation> RunAsync(string entry)
        {
            await using Pod pod = await ground.RunAsync(Texts.Pod(Sleep, lines), Texts.Policy(ground.Node.BusyboxHash, Sleep, entry));
            bool failed = pod.Events.Any(e => e.Reason == failure);
            return Observation.Of(!failed, failed ? "the hook did not run" : "the hook ran");
        }

        return new($"exec/{name}", "OCI-07", "runs a program by a hook of the pod", () => RunAsync(""), () => RunAsync("exec: [{ args: [echo, evil], output: exit-code }]"));
    }

    private static async Task<Observation> SearchAsync(ClusterGround ground, string folder)
    {
        Workloads.HostSearch search = new(ground.Secret);
        await search.FolderAsync(folder);
        return Observation.Of(search.Found.Count > 0, $"{search.Found.Count} places in {search.Bytes} bytes");
    }

    private static async Task<Observation> UpAsync(ClusterGround ground, string spec, string policy)
    {
        await using Pod pod = await ground.RunAsync(spec, policy);
        return await RunningAsync(pod);
    }

    private static async Task<Observation> RunningAsync(Pod pod) => Observation.Of((await pod.StatusAsync()).Phase == "Running", $"the pod is {(await pod.StatusAsync()).Phase}");

    private static async Task<Observation> AddedAsync(ClusterGround ground, string spec, string policy, params string[] command)
    {
        await using Pod pod = await ground.RunAsync(spec, policy);
        await pod.AddEphemeralAsync("added", ClusterNode.Busybox, command);
        return Observation.Of((await pod.ContainerAsync("added")).State == ContainerState.ContainerRunning, "it runs beside the first");
    }

    private static async Task<Observation> StatusAsync(ClusterGround ground, string exit)
    {
        const string script = "exit 42";
        await using Pod pod = await ground.RunAsync(Texts.Pod(script), Texts.Policy(ground.Node.BusyboxHash, script, exit: exit));
        await pod.WaitUntilAsync(s => s.Phase is "Succeeded" or "Failed");
        int status = (await pod.ContainerAsync("main")).ExitCode;
        return Observation.Of(status == 42, $"status {status}");
    }

    private static async Task<Observation> RestartsAsync(ClusterGround ground, string entry, uint times)
    {
        const string script = "exit 1";
        await using Pod pod = await ground.RunAsync(Texts.Pod(script).Replace("Never", "Always", StringComparison.Ordinal), Texts.Policy(ground.Node.BusyboxHash, script, entry));
        for (uint attempt = 0; attempt < times; attempt++)
        {
            await pod.WaitUntilAsync(s => s.Containers["main"].State == ContainerState.ContainerExited && s.Restarts("main") == attempt);
            await pod.SyncAsync();
        }

        return Observation.Of((await pod.StatusAsync()).Restarts("main") == times, $"started {times + 1} times");
    }
}
