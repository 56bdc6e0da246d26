using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>The installer as in its DaemonSet: the node's root is a folder, and programs of the node run with that folder as their root.</summary>
public sealed class InstallerTests : IAsyncDisposable
{
    private const string Original = """
        version = 2
        # A comment that stays.
        root = "/var/lib/pavise-test/root"
        state = "/var/lib/pavise-test/state"
        disabled_plugins = ["io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.internal.v1.opt"]
        [grpc]
          address = "/var/lib/pavise-test/c.sock"
        """;

    /// <summary>What a node's systemd would do with containerd's unit.</summary>
    private const string Systemctl = """
        #!/bin/sh
        test "$1 $2" = "restart containerd" || { echo "unexpected: $*" >&2; exit 1; }
        if test -f /var/lib/pavise-test/pid; then
          kill "$(cat /var/lib/pavise-test/pid)"
          while kill -0 "$(cat /var/lib/pavise-test/pid)" 2>/dev/null; do sleep 0.05; done
        fi
        mkdir -p /var/lib/pavise-test
        setsid containerd --config /etc/containerd/config.toml >/var/lib/pavise-test/log 2>&1 </dev/null &
        echo $! >/var/lib/pavise-test/pid
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("pavise-node-").FullName;

    private string Root => Path.Combine(folder, "root");

    [Fact]
    public async Task On_a_nodes_root_containerd_gets_the_runtime_restarts_and_is_given_back_as_it_was()
    {
        await MountAsync();
        string configuration = Path.Combine(Root, "etc/containerd/config.toml");
        string said = (await InstallerAsync("install", "--machine", "process", "--flavour", "development")).OrThrow("install").Output;
        Assert.Contains("containerd answers", said, StringComparison.Ordinal);
        Assert.StartsWith(Original, await File.ReadAllTextAsync(configuration), StringComparison.Ordinal);
        Assert.Contains("runtimes.pavise", (await InRootAsync("containerd", "config", "dump")).OrThrow("dump").Output, StringComparison.Ordinal);
        Assert.Contains("pavise-runtime version", (await InRootAsync("/usr/local/bin/pavise-runtime", "--version")).OrThrow("installed program").Output, StringComparison.Ordinal);
        string first = await File.ReadAllTextAsync(Path.Combine(Root, "var/lib/pavise-test/pid"));

        Assert.Contains("goes on as it is", (await InstallerAsync("install", "--machine", "process", "--flavour", "development")).OrThrow("second install").Output, StringComparison.Ordinal);
        Assert.Equal(first, await File.ReadAllTextAsync(Path.Combine(Root, "var/lib/pavise-test/pid")));

        (await InstallerAsync("uninstall")).OrThrow("uninstall");
        Assert.Equal(Original, await File.ReadAllTextAsync(configuration));
        Assert.NotEqual(first, await File.ReadAllTextAsync(Path.Combine(Root, "var/lib/pavise-test/pid")));
        Assert.False(File.Exists(Path.Combine(Root, "usr/local/bin/containerd-shim-pavise-v2")));
        Assert.False(Directory.Exists(Path.Combine(Root, "usr/share/pavise")));
        Assert.False(File.Exists(Path.Combine(Root, "var/lib/pavise/install.json")));
    }

    [Fact]
    public async Task What_containerd_cannot_read_is_never_put_in_place()
    {
        await MountAsync();
        string configuration = Path.Combine(Root, "etc/containerd/config.toml");
        // TOML, but not for containerd: the type is wrong.
        await File.WriteAllTextAsync(configuration, Original + "\n[debug]\n  level = 7\n");
        CommandResult result = await InstallerAsync("install", "--machine", "process", "--flavour", "development");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("containerd does not accept", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("pavise: begin", await File.ReadAllTextAsync(configuration), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        string pid = Path.Combine(Root, "var/lib/pavise-test/pid");
        if (File.Exists(pid))
        {
            await Command.RunAsync("kill", [(await File.ReadAllTextAsync(pid)).Trim()]);
        }

        await Command.RunAsync("umount", ["-R", "-l", folder]);
        Directory.Delete(folder);
        GC.SuppressFinalize(this);
    }

    /// <summary>This machine's own root below a writable layer, so that nothing reaches the machine itself.</summary>
    private async Task MountAsync()
    {
        (await Command.RunAsync("mount", ["-t", "tmpfs", "tmpfs", folder])).OrThrow("mount tmpfs");
        foreach (string name in new[] { "root", "upper", "work" })
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
        }

        (await Command.RunAsync("mount", ["-t", "overlay", "overlay", "-o", $"lowerdir=/,upperdir={folder}/upper,workdir={folder}/work", Root])).OrThrow("mount overlay");
        (await Command.RunAsync("mount", ["--bind", "/proc", Path.Combine(Root, "proc")])).OrThrow("bind /proc");
        (await Command.RunAsync("mount", ["--bind", "/dev", Path.Combine(Root, "dev")])).OrThrow("bind /dev");
        Write("etc/containerd/config.toml", Original);
        Write("etc/systemd/system/containerd.service", "");
        Write("usr/local/sbin/systemctl", Systemctl);
        File.SetUnixFileMode(Path.Combine(Root, "usr/local/sbin/systemctl"), (UnixFileMode)0x1ED);
    }

    private void Write(string path, string text)
    {
        string full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private Task<CommandResult> InstallerAsync(params string[] arguments) =>
        Command.RunAsync(Tree.Bin("pavise-runtime"), [arguments[0], "--host-root", Root, "--socket", "/var/lib/pavise-test/c.sock", .. arguments[1..]]);

    private Task<CommandResult> InRootAsync(params string[] command) => Command.RunAsync("chroot", [Root, .. command]);
}
