using System.Diagnostics;
using Pavise.Workloads;

namespace Pavise.Integration.Tests.Support;

/// <summary>A containerd of its own, driven by ctr, with containerd's stock runc shim and Pavise's beside it.</summary>
internal sealed class Containerd : IAsyncDisposable
{
    private readonly string folder;
    private readonly Node? node;
    private Process process;

    private Containerd(string folder, Node? node)
    {
        this.folder = folder;
        this.node = node;
        process = Launch();
    }

    /// <summary>Everything of it is below this.</summary>
    public string Folder => folder;

    public string Socket => Path.Combine(folder, "c.sock");

    /// <summary>What containerd and its shims wrote.</summary>
    public string Log => File.ReadAllText(Path.Combine(folder, "log"));

    /// <summary>Starts it.</summary>
    /// <param name="node">Whose configuration Pavise's shim finds in its environment; null for none.</param>
    public static async Task<Containerd> StartAsync(Node? node = null)
    {
        string folder = Directory.CreateTempSubdirectory("pavise-ctrd-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "config.toml"), $"""
            version = 2
            root = "{folder}/root"
            state = "{folder}/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.internal.v1.opt"]
            [grpc]
              address = "{folder}/c.sock"
            [ttrpc]
              address = "{folder}/c.sock.ttrpc"
            """);
        Containerd containerd = new(folder, node);
        await containerd.ReadyAsync();
        return containerd;
    }

    public Task<CommandResult> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    /// <summary>Runs ctr with something on its standard input.</summary>
    public Task<CommandResult> RunAsync(string? stdin, string[] arguments) => Command.RunAsync("ctr", ["--address", Socket, .. arguments], TimeSpan.FromMinutes(2), stdin);

    /// <summary>Imports an OCI image layout and unpacks it.</summary>
    /// <returns>The image's name.</returns>
    public async Task<string> ImportAsync(string layout, string repository)
    {
        string archive = Path.Combine(folder, "import.tar");
        (await Command.RunAsync("tar", ["-cf", archive, "-C", layout, "."])).OrThrow("tar");
        CommandResult imported = (await RunAsync("images", "import", "--base-name", repository, archive)).OrThrow("ctr images import");
        File.Delete(archive);
        return imported.Output.Split('\n').Select(l => l.Split(' ')).First(w => w[0] == "unpacking")[1];
    }

    /// <summary>Kills it as a crash does; its shims live on.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    public async Task StartAgainAsync()
    {
        process = Launch();
        await ReadyAsync();
    }

    /// <summary>Folder of a task's bundle.</summary>
    public string Bundle(string id) => Path.Combine(folder, "state/io.containerd.runtime.v2.task/default", id);

    /// <summary>Pid of a task as containerd tells it; null when there is none.</summary>
    public async Task<int?> PidAsync(string id) => await RowAsync(id) is { } row ? int.Parse(row[1]) : null;

    /// <summary>Status of a task; null when there is none.</summary>
    public async Task<string?> StatusAsync(string id) => (await RowAsync(id))?[2];

    /// <summary>Waits until a task has a status.</summary>
    public async Task WaitAsync(string id, string status)
    {
        for (int i = 0; i < 300; i++)
        {
            if (await StatusAsync(id) == status)
            {
                return;
            }

            await Task.Delay(100);
        }

        Assert.Fail($"{id} is {await StatusAsync(id)}, not {status}; {Log}");
    }

    /// <summary>Kills what is left, and itself.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (string id in (await RunAsync("tasks", "list", "--quiet")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await RunAsync("tasks", "delete", "--force", id);
        }

        await KillAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task<string[]?> RowAsync(string id) => (await RunAsync("tasks", "list")).Output.Split('\n')
        .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).FirstOrDefault(w => w.Length >= 3 && w[0] == id);

    private Process Launch()
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", "exec containerd -c \"$0\" >>\"$1\" 2>&1 </dev/null", Path.Combine(folder, "config.toml"), Path.Combine(folder, "log")]);
        start.Environment["PATH"] = $"{Tree.Bin("")}:{Environment.GetEnvironmentVariable("PATH")}";
        foreach ((string name, string value) in node?.Environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private async Task ReadyAsync()
    {
        for (int i = 0; i < 200 && (await RunAsync("version")).ExitCode != 0; i++)
        {
            await Task.Delay(50);
        }
    }
}
