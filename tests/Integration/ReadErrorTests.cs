using System.Text;
using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>A host that makes a chosen read of a running container fail ends the pVM: the application does not go on without the file.</summary>
public sealed class ReadErrorTests
{
    private const string Marker = "pavise-marker-of-the-read-error-test";

    [Fact]
    public async Task A_block_that_is_changed_under_a_running_container_ends_the_pVM_when_it_is_read()
    {
        await using Node node = new("tcg");
        await StartAsync(node);
        string image = Assert.Single(Directory.EnumerateFiles(node.Images, "*.img"));
        using (FileStream file = new(image, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            byte[] bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            file.Position = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Marker));
            file.WriteByte((byte)'P');
        }

        CommandResult read = await node.RuntimeAsync("exec", "reader", "cat", "/data/file");
        Assert.NotEqual(0, read.ExitCode);
        Assert.DoesNotContain(Marker[1..], read.Output, StringComparison.Ordinal);
        await node.WaitForStatusAsync("reader", "stopped");
    }

    [Fact]
    public async Task A_disk_that_is_pulled_from_a_running_container_ends_the_pVM()
    {
        using HostileVmm vmm = new("MONITOR");
        await using Node node = new("tcg", extra: vmm.Configuration);
        await StartAsync(node);
        await vmm.CommandAsync("device_del disk0");
        await node.WaitForStatusAsync("reader", "stopped");

        // QEMU writes the guest's last words as it ends.
        for (int i = 0; i < 100 && vmm.Console.Length == 0; i++)
        {
            await Task.Delay(50);
        }

        Assert.Contains("under a root image", vmm.Console, StringComparison.Ordinal);
    }

    private static async Task StartAsync(Node node)
    {
        (string busybox, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string root = Path.Combine(node.Folder, "root");
        (await Command.RunAsync("cp", ["-a", busybox, root])).OrThrow("cp");
        await File.WriteAllTextAsync(Path.Combine(root, "data/file"), new string('x', 40_000) + Marker + new string('x', 20_000));
        string policy = Policies.Plain(await Owner.RootHashAsync(root), "[sleep, \"1000\"]", """
                exec: [{ args: [cat, /data/file], output: host }]
            """);
        JsonObject config = Bundle.Config(root, ["sleep", "1000"]);
        string log = Path.Combine(node.Folder, "log");
        (await node.RuntimeToFileAsync(log, "run", "--detach", "--bundle", node.Bundle("reader", config, await Owner.AnnotationAsync(policy)), "reader")).OrThrow(await File.ReadAllTextAsync(log));
    }
}
