using Pavise.Workloads;

namespace Pavise.Integration.Tests.Support;

/// <summary>Podman with a storage of its own, driving a node's runtime.</summary>
/// <param name="node">The node.</param>
/// <param name="options">Further global options.</param>
internal sealed class Podman(Node node, params string[] options) : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-podman-").FullName;

    /// <summary>The command that carries an owner's session.</summary>
    public string Via => $"podman {string.Join(' ', Options())} exec -i";

    public Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync("podman", [.. Options(), .. arguments], TimeSpan.FromMinutes(2));

    private string[] Options() =>
    [
        "--root", Path.Combine(folder, "root"), "--runroot", Path.Combine(folder, "run"), "--tmpdir", Path.Combine(folder, "tmp"), "--storage-driver", "overlay",
        "--cgroup-manager", "cgroupfs", "--events-backend", "file", "--log-level", "error", "--runtime", node.Wrapper(), .. options,
    ];

    public async ValueTask DisposeAsync()
    {
        await RunAsync("rm", "--all", "--force", "--time", "0");
        // Podman mounts its storage onto itself; and its monitor's own clean-up may still be writing.
        await Command.RunAsync("umount", [Path.Combine(folder, "root", "overlay")], TimeSpan.FromSeconds(10));
        for (int i = 0; ; i++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (IOException) when (i < 50)
            {
                await Task.Delay(100);
            }
        }
    }
}
