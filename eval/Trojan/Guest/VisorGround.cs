using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Cri.Node;
using Pavise.Host;
using Pavise.Host.Configuration;
using Pavise.Host.ImageCache;
using Pavise.Host.Machines;
using Pavise.Host.Visor;
using Pavise.Workloads;

namespace Pavise.Trojan.Guest;

/// <summary>A real guest whose visor is the attacker: one container, <c>one</c>, runs as its policy says, and the control port is open to whatever comes.</summary>
internal sealed class VisorGround : IAsyncDisposable
{
    private const string Script = "{0}; read L; echo GOT $L; echo $C >&2; trap 'echo GOT-USR1' USR1; while :; do sleep 0.2; done";

    private readonly string folder = Directory.CreateTempSubdirectory("pv-visor-").FullName, word = RandomNumberGenerator.GetHexString(16, lowercase: true);
    private ISandbox? sandbox;
    private GuestClient? guest;

    private VisorGround() => Secret = new(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(word))));

    public Canary Secret { get; }

    public ISandbox Sandbox => sandbox!;

    public GuestClient Guest => guest!;

    public string Folder => folder;

    public byte[] Policy { get; private set; } = [];

    public string Root { get; private set; } = "";

    public CachedImage Image { get; private set; } = null!;

    public uint Slot { get; private set; }

    public ByteString Hash => ByteString.CopyFrom(Image.RootHash.Span);

    public string[] Args => ["sh", "-c", string.Format(System.Globalization.CultureInfo.InvariantCulture, Script, $"C=$(echo -n {word} | sha256sum | cut -c1-64)")];

    /// <summary>Starts the guest, binds the policy, and starts the container.</summary>
    public static async Task<VisorGround> StartAsync(BuiltTree tree, MachineKind machine)
    {
        VisorGround ground = new();
        (ground.Root, string layout) = await BusyboxImage.BuildAsync(Path.Combine(tree.Cache, "busybox"));
        string pavise = Path.Combine(tree.Programs, "pavise"), yaml = Path.Combine(ground.folder, "p.yaml"), json = Path.Combine(ground.folder, "p.json");
        string hash = (await Command.RunAsync(pavise, ["image", "hash", layout])).OrThrow("pavise image hash").Output.Trim();
        await File.WriteAllTextAsync(yaml, ground.PolicyText(hash));
        (await Command.RunAsync(pavise, ["policy", "compile", yaml, "--output", json])).OrThrow("pavise policy compile");
        ground.Policy = await File.ReadAllBytesAsync(json);
        ground.sandbox = await Host.Visor.Sandbox.LaunchAsync(ground.Options(tree, machine), CancellationToken.None);
        ground.guest = await ground.ConnectAsync();
        ground.Image = await new RootImageCache(Path.Combine(ground.folder, "images")).GetAsync(RootSource.FromDirectory(ground.Root), CancellationToken.None);
        ground.Slot = await ground.sandbox.PlugImageAsync(ground.Image.Path, CancellationToken.None);
        await ground.guest.AttachImageAsync(new() { Slot = ground.Slot, RootHash = ground.Hash, DataBlocks = ground.Image.DataBlocks }, default);
        return ground;
    }

    /// <summary>Launches as the owner's policy is bound.</summary>
    public LaunchOptions Options(BuiltTree tree, MachineKind machine, string name = "s") => new()
    {
        Directory = Path.Combine(folder, name),
        Configuration = new HostConfiguration { Machine = machine, Guest = tree.Guest, Cache = Path.Combine(folder, "images") },
        Policy = Policy,
        VisorCommand = [Path.Combine(tree.Programs, "pavise-runtime"), VisorProgram.Command],
    };

    /// <summary>One more control connection.</summary>
    public async Task<GuestClient> ConnectAsync() => new(new TtrpcClient(await Sandbox.ConnectGuestAsync(BoundaryPorts.Control, CancellationToken.None)));

    /// <summary>The OCI configuration of the container, changed.</summary>
    public ByteString Spec(Action<JsonObject>? change = null)
    {
        JsonObject spec = Bundle.Config(Root, Args, env: ["PATH=/usr/bin:/bin"]);
        spec["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/etc/app", ["type"] = "bind", ["source"] = folder, ["options"] = new JsonArray("rbind", "ro") });
        change?.Invoke(spec);
        return ByteString.CopyFromUtf8(spec.ToJsonString());
    }

    public async ValueTask DisposeAsync()
    {
        if (guest is not null)
        {
            await guest.DisposeAsync();
        }

        if (sandbox is not null)
        {
            try
            {
                await sandbox.StopAsync(TimeSpan.FromSeconds(2), CancellationToken.None);
            }
            finally
            {
                await sandbox.DisposeAsync();
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    private string PolicyText(string hash) => $$"""
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: visor, version: 1 }
        sandbox: { hostname: pinned, memory: 256Mi, cpus: 1 }
        containers:
          - name: one
            image: { rootfs: "{{hash}}" }
            instances: 50
            process: { args: [sh, -c, {{Cluster.Texts.Quote(Args[2])}}], env: { PATH: "/usr/bin:/bin" }, cwd: /, user: { uid: 0, gid: 0 } }
            mounts: [{ path: /etc/app, files: { conf: "sha256:{{Convert.ToHexStringLower(SHA256.HashData("right"u8))}}" } }]
            exec: [{ args: [echo, permitted], output: host }, { args: [sleep, "1000"], output: host, terminal: true }]
            stdio: { stdin: none, stdout: host, stderr: none }
            signals: [TERM]
            exit: hidden
        host: { errors: detailed }
        attestation: { tees: [sim] }
        """;
}
