using System.Text.Json;
using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Integration.Tests.Support;

/// <summary>What runs on a volume.</summary>
/// <param name="Root">Its root folder.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Path">Its PATH.</param>
/// <param name="Uid">Its user and group.</param>
/// <param name="Mounts">Further mounts of the policy, each with a comma before.</param>
internal sealed record VolumeApplication(string Root, string[] Args, string Path = "/bin", int Uid = 0, string Mounts = "")
{
    /// <summary>Busybox that waits.</summary>
    public static async Task<VolumeApplication> SleepAsync() => new((await BusyboxImage.BuildAsync(System.IO.Path.Combine(Tree.Cache, "busybox"))).Root, ["sleep", "100000"]);
}

/// <summary>A node, a key broker and a container with one encrypted volume, whose image is a file that tests take apart.</summary>
internal sealed class VolumeNode : IAsyncDisposable
{
    public const string Key = "kbs:///shop/keys/data";
    private const int Kill9 = 9;

    private readonly VolumeApplication application;

    private VolumeNode(Node node, KeyBroker broker, VolumeApplication application) => (Node, Broker, this.application, Claim) = (node, broker, application, Directory.CreateDirectory(Path.Combine(node.Folder, "claim")).FullName);

    public Node Node { get; }

    public KeyBroker Broker { get; }

    /// <summary>The folder that a PersistentVolume would be.</summary>
    public string Claim { get; }

    public string Image => ImageIn(Claim);

    private string Policy => Path.Combine(Node.Folder, "policy.yaml");

    public static string ImageIn(string folder) => Path.Combine(folder, "pavise-data.img");

    public static async Task<VolumeNode> StartAsync(string size = "64Mi", string machine = "tcg", VolumeApplication? application = null)
    {
        VolumeNode volume = new(new Node(machine), await KeyBroker.StartAsync(), application ?? await VolumeApplication.SleepAsync());
        await volume.WriteAsync(size);
        await volume.Broker.PutAsync(Key, Convert.ToHexString(Guid.NewGuid().ToByteArray()) + "pavise", volume.Policy, "--instances", "1");
        return volume;
    }

    /// <summary>Another size: a new version of the policy, released to as the one before.</summary>
    public async Task ResizeAsync(string size, int version)
    {
        await WriteAsync(size, version);
        (await Broker.OwnerAsync("kb", "allow", Key, "--policy", Policy, "--any-measurement", "--tee", "sim", "--instances", "1")).OrThrow("pavise kb allow");
    }

    /// <summary>Another key at the broker, under the same name.</summary>
    public async Task ChangeKeyAsync()
    {
        string file = Path.Combine(Node.Folder, "key");
        await File.WriteAllTextAsync(file, new string('x', 40));
        (await Broker.OwnerAsync("kb", "put", Key, file)).OrThrow("pavise kb put");
    }

    /// <summary>Runs a container that waits, with a folder at the volume's place.</summary>
    public async Task<CommandResult> RunAsync(string id, string? claim = null)
    {
        JsonObject config = Bundle.Config(application.Root, application.Args, application.Uid, env: [$"PATH={application.Path}"]);
        config["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/data", ["type"] = "bind", ["source"] = claim ?? Claim, ["options"] = new JsonArray("rbind") });
        string annotation = await Owner.AnnotationAsync(await File.ReadAllTextAsync(Policy));
        string log = Path.Combine(Node.Folder, $"{id}.log");
        CommandResult result = await Node.RuntimeToFileAsync(log, "run", "--detach", "--bundle", Node.Bundle(id, config, annotation), id);
        return result with { Error = result.Error + await File.ReadAllTextAsync(log) };
    }

    /// <summary>Begins to run a script in the container, with its output in a file.</summary>
    public Task<CommandResult> ShellToFileAsync(string id, string file, string script) => Node.RuntimeToFileAsync(file, "exec", id, "sh", "-c", script);

    /// <summary>Runs a script in the container.</summary>
    public Task<CommandResult> ShellAsync(string id, string script) => Node.RuntimeAsync("exec", id, "sh", "-c", script);

    /// <summary>Ends it orderly.</summary>
    public async Task DeleteAsync(string id) => (await Node.RuntimeAsync("delete", "--force", id)).OrThrow("delete");

    /// <summary>Kills QEMU as a power failure would, and takes away what is left.</summary>
    public async Task KillAsync(string id)
    {
        string state = await File.ReadAllTextAsync(Path.Combine(Node.State, "sandboxes", id, "visor.json"));
        int vmm = JsonDocument.Parse(state).RootElement.GetProperty("vmmPid").GetInt32();
        (await Command.RunAsync("kill", [$"-{Kill9}", $"{vmm}"])).OrThrow("kill");
        await Node.RuntimeAsync("delete", "--force", id);
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Broker.DisposeAsync();
    }

    private async Task WriteAsync(string size, int version = 1) => await File.WriteAllTextAsync(Policy, $$"""
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: shop, version: {{version}} }
        sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
        containers:
          - name: main
            image: { rootfs: "{{await Owner.RootHashAsync(application.Root)}}" }
            instances: 1
            process: { args: [{{string.Join(", ", application.Args.Select(a => $"\"{a}\""))}}], env: { PATH: "{{application.Path}}" }, cwd: /, user: { uid: {{application.Uid}}, gid: {{application.Uid}} } }
            mounts: [{ path: /data, volume: data }{{application.Mounts}}]
            exec: [{ args: [sh, -c, { matches: ".*" }], output: host }]
            stdio: { stdin: none, stdout: host, stderr: host }
            signals: [TERM, KILL]
            exit: exact
        volumes:
          data: { kind: encrypted, size: {{size}}, key: "{{Key}}", freshness: broker }
        host: { errors: detailed }
        {{Broker.PolicyLines.TrimEnd()}}
          tees: [sim]

        """);
}
