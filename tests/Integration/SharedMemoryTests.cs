using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>On <c>tcg</c> every device shares with the host what a confidential machine would share.</summary>
public sealed class SharedMemoryTests
{
    private const int AccessPlatform = 33; // VIRTIO_F_ACCESS_PLATFORM (virtio 1.2, section 6)

    [Fact]
    public async Task Both_devices_make_their_drivers_map_and_what_the_disk_controller_reads_passes_the_pool_too()
    {
        await using Node node = new("tcg");
        Canary content = Canary.Random();
        (string busybox, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string root = Path.Combine(node.Folder, "root");
        (await Command.RunAsync("cp", ["-a", busybox, root])).OrThrow("cp");
        await File.WriteAllTextAsync(Path.Combine(root, "data/file"), new string('x', 40_000) + content.Text + new string('x', 20_000), TestContext.Current.CancellationToken);
        const string features = "cat /sys/bus/virtio/devices/*/features", read = "cat /data/file > /dev/null";
        string policy = Policies.Plain(await Owner.RootHashAsync(root), "[sleep, \"1000\"]", $$"""
                exec: [{ args: [sh, -c, "{{features}}"], output: host }, { args: [sh, -c, "{{read}}"], output: host }]
            """);
        JsonObject config = Bundle.Config(root, ["sleep", "1000"]);
        string log = Path.Combine(node.Folder, "log");
        (await node.RuntimeToFileAsync(log, "run", "--detach", "--bundle", node.Bundle("reader", config, await Owner.AnnotationAsync(policy)), "reader")).OrThrow(await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken));

        string[] devices = (await node.RuntimeAsync("exec", "reader", "sh", "-c", features)).OrThrow("exec").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, devices.Length);
        Assert.All(devices, d => Assert.Equal('1', d[AccessPlatform]));

        SharedMemory guest = SharedMemory.Of(node, "reader");
        (await node.RuntimeAsync("exec", "reader", "sh", "-c", read)).OrThrow("exec");
        HostSearch pool = new(content);
        pool.Part("shared memory", guest.Memory, guest.PoolStart, guest.PoolBytes);
        Assert.NotEmpty(pool.Found);
    }
}
