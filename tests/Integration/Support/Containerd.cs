using System.Diagnostics;
using Pavise.Workloads;

namespace Pavise.Integration.Tests.Support;

/// <summary>A containerd of its own, driven by ctr, with containerd's stock runc shim and a node's runtime in runc's place.</summary>
internal sealed class Containerd : IAsyncDisposable
{
    private readonly string folder;
    private readonly Process process;

    private Containerd(string folder, Process process) => (this.folder, this.process) = (folder, process);

    private string Socket => Path.Combine(folder, "c.sock");

    public static async Task<Containerd> StartAsync()
    {
        string folder = Directory.CreateTempSubdirectory("pavise-ctrd-").FullName;
        string configuration = Path.Combine(folder, "config.toml");
        await File.WriteAllTextAsync(configuration, $"""
            version = 2
            root = "{folder}/root"
            state = "{folder}/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.internal.v1.opt"]
            [grpc]
              address = "{folder}/c.sock"
            [ttrpc]
              address = "{folder}/c.sock.ttrpc"
            """);
        ProcessStartInfo start = new("/bin/sh", ["-c", "exec containerd -c \"$0\" >\"$1\" 2>&1 </dev/null", configuration, Path.Combine(folder, "log")]);
        Containerd containerd = new(folder, Process.Start(start)!);
        for (int i = 0; i < 200 && !File.Exists(containerd.Socket); i++)
        {
            await Task.Delay(50);
        }

        return containerd;
    }

    public Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync("ctr", ["--address", Socket, .. arguments], TimeSpan.FromMinutes(2));

    public async ValueTask DisposeAsync()
    {
        using (process)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        Directory.Delete(folder, recursive: true);
    }
}
