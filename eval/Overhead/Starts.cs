using System.Diagnostics;
using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Eval.Overhead;

/// <summary>Starts of a container that prints one line.</summary>
internal sealed class Starts(string repository, string folder)
{
    private string Bin(string program) => Path.Combine(repository, "out", "bin", program);

    /// <summary>tcg: from the command to the line, alternating with the floor (same kernel, an init that prints one line).</summary>
    public async Task<(Measurement Floor, Measurement Pavise)> TcgAsync(int runs)
    {
        Dictionary<string, string> environment = Configure("tcg");
        string bundle = await BundleAsync("tcg");
        List<double> floor = [], pavise = [];
        for (int i = 0; i <= runs; i++)
        {
            double f = await FloorAsync(), p = await FirstLineAsync(bundle, $"tcg{i}", environment);
            if (i > 0)
            {
                floor.Add(f);
                pavise.Add(p);
            }
        }

        return (new("tcg floor", "ms", floor), new("tcg start to first output", "ms", pavise));
    }

    /// <summary>process: whole runs, alternating with runc.</summary>
    public async Task<(Measurement Runc, Measurement Pavise)> ProcessAsync(int runs)
    {
        Dictionary<string, string> environment = Configure("process");
        string bundle = await BundleAsync("process");
        List<double> runc = [], pavise = [];
        for (int i = 0; i <= runs; i++)
        {
            double r = await WholeAsync("runc", ["--root", Path.Combine(folder, "runc"), "run", "--bundle", bundle, $"eval{i}"], null);
            double p = await WholeAsync(Bin("pavise-runtime"), ["--root", Path.Combine(folder, "run"), "run", "--bundle", bundle, $"eval{i}"], environment);
            if (i > 0)
            {
                runc.Add(r);
                pavise.Add(p);
            }
        }

        return (new("runc run", "ms", runc), new("process run", "ms", pavise));
    }

    /// <summary>Proportional set size of what a container costs the host beside its memory: visor, host process; and of the guest's PID 1, on process.</summary>
    public async Task<IReadOnlyList<Measurement>> MemoryAsync(string machine)
    {
        Dictionary<string, string> environment = Configure(machine);
        string bundle = await BundleAsync($"memory-{machine}", "[sleep, \"1000\"]", ["sleep", "1000"]);
        string id = $"memory-{machine}", output = Path.Combine(folder, "memory.out");
        (await Command.RunAsync("/bin/sh", ["-c", "exec \"$0\" \"$@\" >\"$OUTPUT\" 2>&1 </dev/null", Bin("pavise-runtime"), "--root", Path.Combine(folder, "run"), "run", "--detach", "--bundle", bundle, id],
            environment: new Dictionary<string, string>(environment) { ["OUTPUT"] = output })).OrThrow(await ReadAsync(output));
        await Task.Delay(1000);
        List<Measurement> result = [];
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)))
        {
            string line = (await ReadAsync(Path.Combine(process, "cmdline"))).Replace('\0', ' ').Trim();
            string? name = line.EndsWith("/exe visor", StringComparison.Ordinal) || line.EndsWith("pavise-runtime visor", StringComparison.Ordinal) ? "visor"
                : line.Contains("--process-machine", StringComparison.Ordinal) && line.Contains(folder, StringComparison.Ordinal) ? "guest PID 1"
                : line.Contains(" process ", StringComparison.Ordinal) && line.Contains(folder, StringComparison.Ordinal) ? "host process"
                : null;
            string? pss = (await ReadAsync(Path.Combine(process, "smaps_rollup"))).Split('\n').FirstOrDefault(l => l.StartsWith("Pss:", StringComparison.Ordinal));
            if (name is not null && pss is not null)
            {
                result.Add(new($"{machine} {name} PSS", "MiB", [double.Parse(pss.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024]));
            }
        }

        await Command.RunAsync(Bin("pavise-runtime"), ["--root", Path.Combine(folder, "run"), "delete", "--force", id], environment: environment);
        return result;
    }

    private Dictionary<string, string> Configure(string machine)
    {
        string file = Path.Combine(folder, $"{machine}.toml");
        File.WriteAllText(file, $"machine = \"{machine}\"\nguest = \"{Path.Combine(repository, "out", "guest", "development")}\"\ncache = \"{Path.Combine(folder, "images")}\"\n");
        return new() { ["PAVISE_CONFIG"] = file };
    }

    private async Task<string> BundleAsync(string name, string policyArgs = "[echo, hello]", IReadOnlyList<string>? args = null)
    {
        (string root, string layout) = await BusyboxImage.BuildAsync(Path.Combine(folder, "busybox"));
        string hash = (await Command.RunAsync(Bin("pavise"), ["image", "hash", layout])).OrThrow("image hash").Output.Trim();
        string policy = Path.Combine(folder, $"{name}.yaml");
        await File.WriteAllTextAsync(policy, $$"""
            apiVersion: pavise.dev/v1
            kind: Policy
            metadata: { name: eval, version: 1 }
            sandbox: { hostname: any }
            containers:
              - name: main
                image: { rootfs: "{{hash}}" }
                process: { args: {{policyArgs}}, env: { PATH: "/bin" }, cwd: /, user: { uid: 0, gid: 0 } }
                stdio: { stdin: none, stdout: host, stderr: host }
                signals: [TERM, KILL]
                exit: exact
            attestation: { tees: [sim] }
            """);
        string annotation = (await Command.RunAsync(Bin("pavise"), ["policy", "annotation", policy])).OrThrow("policy annotation").Output.Trim();
        JsonObject config = Workloads.Bundle.Config(root, args ?? ["echo", "hello"], env: ["PATH=/bin"]);
        config["annotations"] = new JsonObject { ["dev.pavise.policy"] = annotation };
        return Workloads.Bundle.Write(Path.Combine(folder, $"bundle-{name}"), config);
    }

    private async Task<double> FloorAsync()
    {
        string json = Path.Combine(folder, "floor.json");
        string program = Path.Combine(repository, "out/build/Pavise.Eval.Floor/Release/net10.0/Pavise.Eval.Floor");
        (await Command.RunAsync(program, ["--guest", Path.Combine(repository, "out/guest/development"), "--runs", "1", "--json", json])).OrThrow("the floor");
        JsonNode result = JsonNode.Parse(await File.ReadAllTextAsync(json))!;
        return (double)result["medianMs"]!;
    }

    private async Task<double> FirstLineAsync(string bundle, string id, Dictionary<string, string> environment)
    {
        ProcessStartInfo info = new(Bin("pavise-runtime"), ["--root", Path.Combine(folder, "run"), "run", "--bundle", bundle, id]) { RedirectStandardOutput = true };
        foreach ((string name, string value) in environment)
        {
            info.Environment[name] = value;
        }

        Stopwatch watch = Stopwatch.StartNew();
        using Process process = Process.Start(info)!;
        string? line = await process.StandardOutput.ReadLineAsync();
        double elapsed = watch.Elapsed.TotalMilliseconds;
        await process.WaitForExitAsync();
        return line == "hello" ? elapsed : throw new InvalidOperationException($"the container printed '{line}'");
    }

    private static async Task<double> WholeAsync(string program, string[] arguments, Dictionary<string, string>? environment)
    {
        Stopwatch watch = Stopwatch.StartNew();
        CommandResult result = await Command.RunAsync(program, arguments, environment: environment);
        double elapsed = watch.Elapsed.TotalMilliseconds;
        return result.Output.Trim() == "hello" ? elapsed : throw new InvalidOperationException($"{program}: {result.Both}");
    }

    private static async Task<string> ReadAsync(string file)
    {
        try
        {
            return await File.ReadAllTextAsync(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
