using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>A host that gives the pVM another machine than the one its image was made for gets no guest.</summary>
public sealed class UnexpectedMachineTests
{
    [Theory]
    [InlineData("a virtio device of kind 0x0004", "-device virtio-rng-device")]
    [InlineData("a virtio device of kind 0x0001", "-netdev hubport,hubid=0,id=n -device virtio-net-device,netdev=n")]
    [InlineData("a virtio device of kind 0x0002", "-blockdev null-co,node-name=n -device virtio-blk-device,drive=n")]
    [InlineData("a virtio device of kind 0x0009", "-fsdev local,id=f,path=/tmp,security_model=none -device virtio-9p-device,fsdev=f,mount_tag=t")]
    [InlineData("2 virtio-scsi devices", "-device virtio-scsi-device,id=second")]
    [InlineData("a PCI device 0x1b36:0x0008", "", "microvm,", "microvm,pcie=on,")]
    [InlineData("command line is none of this image", "", "quiet ", "quiet debug ")]
    [InlineData("command line is none of this image", "", "tsc_early_khz=", "systemd.unit=rescue tsc_early_khz=")]
    public async Task A_guest_that_finds_something_else_ends_before_anything_is_bound_and_says_what(string reason, string added, string from = "", string to = "")
    {
        using HostileVmm vmm = new(added, from, to);
        await using Node node = new("tcg", extra: vmm.Configuration);
        CommandResult result = await StartAsync(node);
        Assert.NotEqual(0, result.ExitCode);
        Assert.DoesNotContain("did not answer within", result.Error, StringComparison.Ordinal);
        Assert.Contains(reason, vmm.Console, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_does_not_make_the_guest_map_what_it_shares_is_noticed_by_the_visor()
    {
        using HostileVmm vmm = new(from: "vhost-user-vsock-device,chardev=vsock,iommu_platform=on", to: "vhost-user-vsock-device,chardev=vsock");
        await using Node node = new("tcg", extra: vmm.Configuration);
        CommandResult result = await StartAsync(node);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("outside its bounce pool", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_development_image_does_without_RDRAND_under_software_emulation_and_the_kernel_is_sealed_against_modules_and_devices()
    {
        using HostileVmm vmm = new(from: "max", to: "max,-rdrand");
        await using Node node = new("tcg", extra: vmm.Configuration);
        (await StartAsync(node)).OrThrow("run");
        string script = "grep -c rdrand /proc/cpuinfo; cat /proc/sys/kernel/modules_disabled /sys/bus/virtio/drivers_autoprobe /sys/bus/platform/drivers_autoprobe";
        CommandResult seen = await node.RuntimeAsync("exec", "machine", "sh", "-c", script);
        for (int i = 0; i < 50 && seen.Output != "0\n1\n0\n0\n"; i++)
        {
            await Task.Delay(200, TestContext.Current.CancellationToken); // Sealed once the last modules are loaded.
            seen = await node.RuntimeAsync("exec", "machine", "sh", "-c", script);
        }

        Assert.Equal("0\n1\n0\n0\n", seen.Output);
    }

    private static async Task<CommandResult> StartAsync(Node node)
    {
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string policy = Policies.Plain(await Owner.RootHashAsync(root), "[sleep, \"1000\"]", """
                exec: [{ args: [sh, -c, {matches: ".*"}], output: host }]
            """).Replace("/usr/bin:/bin", "/bin", StringComparison.Ordinal);
        JsonObject config = Bundle.Config(root, ["sleep", "1000"], env: ["PATH=/bin"]);
        string said = Path.Combine(node.Folder, "said");
        CommandResult result = await node.RuntimeToFileAsync(said, "run", "--detach", "--bundle", node.Bundle("machine", config, await Owner.AnnotationAsync(policy)), "machine");
        return result with { Error = await File.ReadAllTextAsync(said) };
    }
}
