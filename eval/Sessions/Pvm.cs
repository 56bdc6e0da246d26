using System.Diagnostics;
using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Eval.Sessions;

/// <summary>Containers on the process machine, with an owner, by the programs in out/bin.</summary>
internal sealed class Pvm : IAsyncDisposable
{
    private readonly string repository;
    private readonly Dictionary<string, string> environment;

    private Pvm(string repository, string folder)
    {
        (this.repository, Folder) = (repository, folder);
        string configuration = Path.Combine(folder, "config.toml");
        File.WriteAllText(configuration, $"machine = \"process\"\nguest = \"{repository}/out/guest/development\"\ncache = \"{folder}/images\"\n");
        environment = new() { ["PAVISE_CONFIG"] = configuration };
    }

    public string Folder { get; }

    public string Home => Path.Combine(Folder, "home");

    public string Policy => Path.Combine(Folder, "policy.yaml");

    public string Via => $"{Bin("pavise-runtime")} --root {Folder}/run exec";

    public IReadOnlyDictionary<string, string> Environment => environment;

    public string Bin(string program) => Path.Combine(repository, "out", "bin", program);

    public static async Task<Pvm> MakeAsync(string repository)
    {
        Pvm pvm = new(repository, Directory.CreateTempSubdirectory("pavise-eval-").FullName);
        (await pvm.PaviseAsync("owner", "init", "--name", "alice", "--config", pvm.Home)).OrThrow("owner init");
        return pvm;
    }

    public Task<CommandResult> PaviseAsync(params string[] arguments) => Command.RunAsync(Bin("pavise"), arguments, TimeSpan.FromMinutes(5), environment: environment);

    public Task<CommandResult> RuntimeAsync(params string[] arguments) => Command.RunAsync(Bin("pavise-runtime"), ["--root", $"{Folder}/run", .. arguments], TimeSpan.FromMinutes(5), environment: environment);

    /// <summary>Runs a container with its output in a file; returns the seconds until it ended, when it is waited for.</summary>
    public async Task<double> RunAsync(string name, string script, string output, string file, bool wait)
    {
        JsonNode keys = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Home, "owner.json")))!;
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(repository, "out", "eval", "busybox"));
        string hash = (await PaviseAsync("image", "hash", root)).OrThrow("image hash").Output.Trim();
        await File.WriteAllTextAsync(Policy, $$"""
            apiVersion: pavise.dev/v1
            kind: Policy
            metadata: { name: eval, version: 1 }
            owners: [{ name: alice, signKey: "{{keys["signKey"]}}", sealKey: "{{keys["sealKey"]}}", may: [exec, copy, logs, ps] }]
            sandbox: { hostname: any, memory: 512Mi, cpus: 2 }
            containers:
              - name: main
                image: { rootfs: "{{hash}}" }
                process: { args: [sh, -c, "{{script}}"], env: { PATH: "/bin" }, cwd: /, user: { uid: 0, gid: 0 } }
                mounts: [{ path: /data, volume: data }]
                exec: [{ args: ["true"], output: host }]
                stdio: { stdin: none, stdout: {{output}}, stderr: {{output}} }
                signals: [TERM, KILL]
                exit: exact
            volumes: { data: { kind: memory, size: 1Gi } }
            attestation: { tees: [sim] }

            """);
        JsonObject config = Bundle.Config(root, ["sh", "-c", script], env: ["PATH=/bin"]);
        config["annotations"] = new JsonObject { ["dev.pavise.policy"] = (await PaviseAsync("policy", "annotation", Policy)).OrThrow("annotation").Output.Trim() };
        string bundle = Bundle.Write(Path.Combine(Folder, "bundles", name), config);
        Stopwatch clock = Stopwatch.StartNew();
        string[] detach = wait ? [] : ["--detach"];
        (await Command.RunAsync("/bin/sh", ["-c", "exec \"$0\" \"$@\" >\"$OUTPUT\" 2>&1 </dev/null", Bin("pavise-runtime"), "--root", $"{Folder}/run", "run", .. detach, "--bundle", bundle, name], TimeSpan.FromMinutes(5),
            environment: new Dictionary<string, string>(environment) { ["OUTPUT"] = file })).OrThrow($"run {name}, whose output is in {file}: {Head(file)}");
        return clock.Elapsed.TotalSeconds;
    }

    private static string Head(string file) => new FileInfo(file) is { Exists: true, Length: < 4096 } ? File.ReadAllText(file) : "";

    public async ValueTask DisposeAsync()
    {
        foreach (string id in (await RuntimeAsync("list", "--quiet")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await RuntimeAsync("delete", "--force", id);
        }

        Directory.Delete(Folder, recursive: true);
    }
}
