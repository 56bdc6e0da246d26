using System.Diagnostics;
using Pavise.Cri.Node;
using Pavise.Workloads;

namespace Pavise.Eval.Overhead;

/// <summary>The shim beside runc's, under one containerd: <c>ctr run</c> to the first line, <c>ctr task exec</c>, memory.</summary>
internal sealed class Shims(string repository, string folder)
{
    private const string Repository = "localhost/eval";
    private static readonly string[] Runtimes = ["io.containerd.runc.v2", "io.containerd.pavise.v2"];

    private string Bin => Path.Combine(repository, "out", "bin");

    /// <summary>Measures on <c>process</c>, runtimes alternating.</summary>
    /// <param name="runs">Readings of each.</param>
    public async Task<IReadOnlyList<Measurement>> MeasureAsync(int runs)
    {
        (_, string layout) = await BusyboxImage.BuildAsync(Path.Combine(folder, "busybox"));
        string annotation = await AnnotationAsync(layout), node = Directory.CreateTempSubdirectory("pv-eval-").FullName, configuration = Path.Combine(node, "pavise.toml");
        await File.WriteAllTextAsync(configuration, $"machine = \"process\"\ncache = \"{Path.Combine(node, "images")}\"\n");
        try
        {
            await using CriContainerd containerd = await CriContainerd.StartAsync(node, Bin, new Dictionary<string, string> { ["PAVISE_CONFIG"] = configuration });
            await containerd.ImportAsync(layout, Repository);
            string image = $"{Repository}:latest";
            Dictionary<string, List<double>> run = Runtimes.ToDictionary(r => r, _ => new List<double>()), exec = Runtimes.ToDictionary(r => r, _ => new List<double>());
            for (int i = 0; i <= runs; i++)
            {
                foreach (string runtime in Runtimes)
                {
                    double elapsed = await FirstLineAsync(containerd, ["run", "--rm", "--runtime", runtime, "--annotation", $"dev.pavise.policy={annotation}", image, $"run{i}-{Short(runtime)}", "echo", "hello"]);
                    Keep(run[runtime], elapsed, i);
                }
            }

            List<Measurement> memory = [];
            foreach (string runtime in Runtimes)
            {
                (await containerd.CtrAsync("run", "--detach", "--runtime", runtime, "--annotation", $"dev.pavise.policy={annotation}", image, Short(runtime), "sleep", "1000")).OrThrow("ctr run --detach");
            }

            for (int i = 0; i <= runs; i++)
            {
                foreach (string runtime in Runtimes)
                {
                    Keep(exec[runtime], await FirstLineAsync(containerd, ["task", "exec", "--exec-id", $"e{i}", Short(runtime), "echo", "hello"]), i);
                }
            }

            foreach (string runtime in Runtimes)
            {
                memory.Add(new($"{Short(runtime)} shim PSS", "MiB", [ShimMemory(runtime, Short(runtime))]));
                (await containerd.CtrAsync("task", "delete", "--force", Short(runtime))).OrThrow("ctr task delete");
                (await containerd.CtrAsync("container", "delete", Short(runtime))).OrThrow("ctr container delete");
            }

            return [.. Runtimes.Select(r => new Measurement($"{Short(r)} shim: ctr run to first line", "ms", run[r])), .. Runtimes.Select(r => new Measurement($"{Short(r)} shim: ctr task exec", "ms", exec[r])), .. memory];
        }
        finally
        {
            Directory.Delete(node, recursive: true);
        }
    }

    private static string Short(string runtime) => runtime.Split('.')[2];

    /// <summary>The first reading of each warms caches and is not counted.</summary>
    private static void Keep(List<double> values, double value, int round)
    {
        if (round > 0)
        {
            values.Add(value);
        }
    }

    private static async Task<double> FirstLineAsync(CriContainerd containerd, string[] arguments)
    {
        ProcessStartInfo info = new("ctr", ["--address", containerd.Socket, "--namespace", "k8s.io", .. arguments]) { RedirectStandardOutput = true };
        Stopwatch watch = Stopwatch.StartNew();
        using Process process = Process.Start(info)!;
        string? line = await process.StandardOutput.ReadLineAsync();
        double elapsed = watch.Elapsed.TotalMilliseconds;
        await process.WaitForExitAsync();
        return line == "hello" ? elapsed : throw new InvalidOperationException($"ctr {string.Join(' ', arguments)} printed '{line}'");
    }

    /// <summary>All processes of the shim's program that serve this container (PSS, so that pages shared with other shims count once).</summary>
    private static double ShimMemory(string runtime, string id)
    {
        string program = $"containerd-shim-{runtime.Split('.')[2]}-v2";
        double kib = 0;
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)))
        {
            try
            {
                string[] line = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
                if (Path.GetFileName(line[0]) == program && Array.IndexOf(line, "-id") is var at and > 0 && line[at + 1] == id)
                {
                    kib += double.Parse(File.ReadLines(Path.Combine(process, "smaps_rollup")).First(l => l.StartsWith("Pss:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
                }
            }
            catch (IOException)
            {
                // The process ended meanwhile.
            }
        }

        return kib > 0 ? kib / 1024 : throw new InvalidOperationException($"no process of {program} serves {id}");
    }

    private async Task<string> AnnotationAsync(string layout)
    {
        string hash = (await Command.RunAsync(Path.Combine(Bin, "pavise"), ["image", "hash", layout])).OrThrow("image hash").Output.Trim(), policy = Path.Combine(folder, "shim.yaml");
        string Entry(string name, string args) => $$"""
              - name: {{name}}
                image: { rootfs: "{{hash}}" }
                process: { args: {{args}}, env: { PATH: "/bin" }, cwd: /, user: { uid: 0, gid: 0 } }
                exec: [{ args: [echo, hello], output: host }]
                stdio: { stdin: none, stdout: host, stderr: host }
                signals: [TERM, KILL]
                exit: exact
            """;
        await File.WriteAllTextAsync(policy, $$"""
            apiVersion: pavise.dev/v1
            kind: Policy
            metadata: { name: eval, version: 1 }
            sandbox: { hostname: any }
            containers:
            {{Entry("echo", "[echo, hello]")}}
            {{Entry("sleep", "[sleep, \"1000\"]")}}
            host: { errors: detailed }
            attestation: { tees: [sim] }
            """);
        return (await Command.RunAsync(Path.Combine(Bin, "pavise"), ["policy", "annotation", policy])).OrThrow("policy annotation").Output.Trim();
    }
}
