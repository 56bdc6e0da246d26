using Pavise.Workloads;

namespace Pavise.Integration.Tests.Support;

/// <summary>Podman with a storage of its own, driving a node's runtime.</summary>
internal sealed class Podman(Node node) : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-podman-").FullName;

    public Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync("podman",
    [
        "--root", Path.Combine(folder, "root"), "--runroot", Path.Combine(folder, "run"), "--tmpdir", Path.Combine(folder, "tmp"), "--storage-driver", "vfs",
        "--cgroup-manager", "cgroupfs", "--events-backend", "file", "--log-level", "error", "--runtime", node.Wrapper(), .. arguments,
    ], TimeSpan.FromMinutes(2));

    public async ValueTask DisposeAsync()
    {
        await RunAsync("rm", "--all", "--force", "--time", "0");
        Directory.Delete(folder, recursive: true);
    }
}
