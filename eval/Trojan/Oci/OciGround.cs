using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Pavise.Cri.Node;
using Pavise.Workloads;

namespace Pavise.Trojan.Oci;

/// <summary>A hostile engine that drives an OCI runtime by its command line, with whatever configuration it likes.</summary>
internal sealed class OciGround : IAsyncDisposable
{
    /// <summary>The word that the container's own process says last.</summary>
    public const string Word = "end";

    private const string Look = """
        tr '\0' '\n' </proc/self/environ; cat /proc/self/status /proc/mounts; ls -l /dev /proc/self/ns
        echo core=$(ulimit -c) files=$(ulimit -n) mask=$(umask) machine=$(uname -m) score=$(cat /proc/self/oom_score_adj) forced=$(cat /proc/sys/kernel/shm_rmid_forced) name=$(hostname) cwd=$(pwd)
        cat /proc/self/timens_offsets; cat /etc/passwd /etc/evil 2>/dev/null
        touch /evil-root 2>/dev/null && echo ROOT-WRITTEN
        echo keys=$(head -c 8 /proc/keys 2>/dev/null)
        rmdir /nothing 2>&1
        echo end
        """;

    private readonly string program, folder = Directory.CreateTempSubdirectory("pv-oci-").FullName;
    private readonly bool pavise;
    private readonly Dictionary<string, string> environment = [];
    private int count;

    private OciGround(string program) => (this.program, pavise) = (program, Path.GetFileName(program).StartsWith("pavise", StringComparison.Ordinal));

    public string Folder => folder;

    private string Annotation { get; set; } = "";

    private string Root { get; set; } = "";

    /// <summary>Arguments of the container of the policy.</summary>
    public static string[] Args => ["sh", "-c", Look];

    public static async Task<OciGround> StartAsync(BuiltTree tree, string program, string machine)
    {
        OciGround ground = new(program);
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(tree.Cache, "busybox"));
        ground.Root = Path.Combine(ground.folder, "root"); // A copy: under a runtime that protects nothing the attacks write into it.
        (await Command.RunAsync("cp", ["-a", root, ground.Root])).OrThrow("cp");
        if (!ground.pavise)
        {
            return ground;
        }

        string configuration = Path.Combine(ground.folder, "config.toml"), pavise = Path.Combine(tree.Programs, "pavise"), policy = Path.Combine(ground.folder, "p.yaml");
        await File.WriteAllTextAsync(configuration, $"machine = \"{machine}\"\nguest = \"{tree.Guest}\"\ncache = \"{ground.folder}/images\"\n");
        ground.environment["PAVISE_CONFIG"] = configuration;
        string hash = (await Command.RunAsync(pavise, ["image", "hash", ground.Root])).OrThrow("pavise image hash").Output.Trim();
        string text = Cluster.Texts.Policy(hash, Look, more: Cluster.Texts.Entry("idle", hash, "exec sleep 1000", "exec: [{ args: [sh, -c, \"cat /proc/self/environ /proc/self/status; pwd\"], output: host }]"))
            .Replace("env: { PATH: \"/bin\", ", "env: { PATH: \"/usr/bin:/bin\", ", StringComparison.Ordinal);
        await File.WriteAllTextAsync(policy, text);
        ground.Annotation = (await Command.RunAsync(pavise, ["policy", "annotation", policy])).OrThrow("pavise policy annotation").Output.Trim();
        return ground;
    }

    /// <summary>A bundle with the configuration of an honest engine, changed.</summary>
    public (string Id, string Bundle) Bundle(string[] args, Action<JsonObject> change)
    {
        string id = $"t{count++}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
        JsonObject config = Workloads.Bundle.Config(Root, args, env: ["PATH=/usr/bin:/bin"]);
        if (!pavise)
        {
            config["linux"]!["cgroupsPath"] = $"/trojan-{id}"; // runc wants one on machines with hybrid control groups.
        }

        change(config);
        if (pavise)
        {
            JsonObject annotations = config["annotations"] as JsonObject ?? [];
            annotations["dev.pavise.policy"] = Annotation;
            config["annotations"] = annotations;
        }

        return (id, Workloads.Bundle.Write(Path.Combine(folder, "bundles", id), config));
    }

    /// <summary>Runs a container to its end and answers what it said.</summary>
    /// <exception cref="InvalidOperationException">The runtime refused.</exception>
    public async Task<string> LookAsync(Action<JsonObject> change)
    {
        (string id, string bundle) = Bundle(Args, change);
        try
        {
            CommandResult result = await RunAsync("run", "--bundle", bundle, id);
            return result.Output.Contains(Word, StringComparison.Ordinal) ? result.Output : throw new InvalidOperationException(result.Both);
        }
        finally
        {
            await RunAsync("delete", "--force", id);
        }
    }

    /// <summary>Runs the runtime.</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync(program, ["--root", Path.Combine(folder, "run"), .. arguments], TimeSpan.FromSeconds(60), environment: environment);

    /// <summary>The same with the container's output in no pipe, so that it may go on.</summary>
    public Task<CommandResult> DetachedAsync(params string[] arguments) =>
        Command.RunAsync("/bin/sh", ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1 </dev/null", program, "--root", Path.Combine(folder, "run"), .. arguments], TimeSpan.FromSeconds(60), environment: environment);

    public ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
