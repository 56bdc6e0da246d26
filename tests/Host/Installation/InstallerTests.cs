using Pavise.Host.Installation;
using Pavise.Host.Visor;

namespace Pavise.Host.Tests.Installation;

public sealed class InstallerTests : IDisposable
{
    private const string Original = "version = 2\n# keep me\n[grpc]\n  address = \"/run/containerd/containerd.sock\"";

    private readonly FakeNode node = new();

    public InstallerTests() => node.Write(FakeNode.ConfigurationPath, Original);

    public void Dispose() => node.Dispose();

    [Fact]
    public async Task A_node_gets_programs_guest_images_a_configuration_and_the_runtime()
    {
        await node.InstallAsync();
        Assert.Equal("content of bin/containerd-shim-pavise-v2", node.Read("/usr/local/bin/containerd-shim-pavise-v2"));
        Assert.Equal(NodeFiles.Program, File.GetUnixFileMode(node.Folder + "/usr/local/bin/pavise-runtime"));
        Assert.Equal("content of guest/production/initrd.img", node.Read("/usr/share/pavise/guest/production/initrd.img"));
        Assert.Contains("machine = \"tcg\"", node.Read("/etc/pavise/config.toml"), StringComparison.Ordinal);
        Assert.StartsWith(Original, node.Read(FakeNode.ConfigurationPath), StringComparison.Ordinal);
        Assert.Equal(Original, node.Read(FakeNode.ConfigurationPath + ".pavise-backup"));
        Assert.Equal(1, node.Restarts);
        Assert.True(node.UserExists);
    }

    [Fact]
    public async Task Uninstalling_leaves_the_node_byte_for_byte_as_it_was()
    {
        SortedDictionary<string, string> before = node.Everything();
        await node.InstallAsync();
        await node.UninstallAsync();
        Assert.Equal(before, node.Everything());
        Assert.Equal(2, node.Restarts);
        Assert.False(node.UserExists);
    }

    [Fact]
    public async Task A_configuration_that_did_not_exist_is_removed_again()
    {
        File.Delete(node.Folder + FakeNode.ConfigurationPath);
        Directory.Delete(node.Folder + "/etc/containerd");
        SortedDictionary<string, string> before = node.Everything();
        await node.InstallAsync();
        Assert.Contains("version = 2", node.Read(FakeNode.ConfigurationPath), StringComparison.Ordinal);
        await node.UninstallAsync();
        Assert.Equal(before, node.Everything());
    }

    [Fact]
    public async Task Installing_again_changes_nothing_and_restarts_nothing()
    {
        await node.InstallAsync();
        SortedDictionary<string, string> once = node.Everything();
        await node.InstallAsync();
        Assert.Equal(once, node.Everything());
        Assert.Equal(1, node.Restarts);
    }

    [Fact]
    public async Task A_newer_program_replaces_the_installed_one_without_a_restart()
    {
        await node.InstallAsync();
        File.WriteAllText(Path.Combine(node.Payload, "bin/pavise-runtime"), "newer");
        await node.InstallAsync();
        Assert.Equal("newer", node.Read("/usr/local/bin/pavise-runtime"));
        Assert.Equal(1, node.Restarts);
        await node.UninstallAsync();
        Assert.False(node.Exists("/usr/local/bin/pavise-runtime"));
    }

    [Fact]
    public async Task When_containerd_does_not_come_up_its_configuration_is_as_before()
    {
        node.ComesUp = text => !text.Contains("pavise", StringComparison.Ordinal);
        HostException e = await Assert.ThrowsAsync<HostException>(() => node.InstallAsync());
        Assert.Contains("does not answer", e.Message, StringComparison.Ordinal);
        Assert.Contains("from before is in place again", e.Message, StringComparison.Ordinal);
        Assert.Equal(Original, node.Read(FakeNode.ConfigurationPath));
        Assert.Equal(2, node.Restarts);
    }

    [Fact]
    public async Task A_configuration_that_containerd_itself_does_not_accept_is_never_put_in_place()
    {
        node.Objection = "no such plugin";
        HostException e = await Assert.ThrowsAsync<HostException>(() => node.InstallAsync());
        Assert.Contains("no such plugin", e.Message, StringComparison.Ordinal);
        Assert.Equal(Original, node.Read(FakeNode.ConfigurationPath));
        Assert.Equal(0, node.Restarts);
        Assert.Empty(Directory.GetFiles(node.Folder + "/etc/containerd", "*candidate*"));
    }

    [Fact]
    public async Task A_refused_configuration_changes_nothing_at_all()
    {
        node.Write(FakeNode.ConfigurationPath, "disabled_plugins = [\"cri\"]\nversion = 2\n");
        SortedDictionary<string, string> before = node.Everything();
        await Assert.ThrowsAsync<HostException>(() => node.InstallAsync());
        Assert.Equal(before, node.Everything());
    }

    [Fact]
    public async Task A_failed_installation_can_be_undone_wholly()
    {
        SortedDictionary<string, string> before = node.Everything();
        node.ComesUp = text => !text.Contains("pavise", StringComparison.Ordinal);
        await Assert.ThrowsAsync<HostException>(() => node.InstallAsync());
        await node.UninstallAsync();
        Assert.Equal(before, node.Everything());
    }

    [Fact]
    public async Task A_foreign_program_of_the_same_name_is_replaced_by_force_only()
    {
        node.Write("/usr/local/bin/pavise-runtime", "somebody's");
        HostException e = await Assert.ThrowsAsync<HostException>(() => node.InstallAsync());
        Assert.Contains("--force", e.Message, StringComparison.Ordinal);
        Assert.Equal("somebody's", node.Read("/usr/local/bin/pavise-runtime"));
        await node.InstallAsync(o => o with { Force = true });
        Assert.Equal("content of bin/pavise-runtime", node.Read("/usr/local/bin/pavise-runtime"));
    }

    [Fact]
    public async Task Files_that_were_changed_since_stay_when_it_is_uninstalled()
    {
        await node.InstallAsync();
        node.Write("/etc/pavise/config.toml", "machine = \"kvm\"\n");
        string said = await node.UninstallAsync();
        Assert.Contains("/etc/pavise/config.toml: was changed", said, StringComparison.Ordinal);
        Assert.Equal("machine = \"kvm\"\n", node.Read("/etc/pavise/config.toml"));
    }

    [Fact]
    public async Task The_nodes_own_configuration_is_left_alone()
    {
        node.Write("/etc/pavise/config.toml", "machine = \"kvm\"\n");
        await node.InstallAsync();
        await node.UninstallAsync();
        Assert.Equal("machine = \"kvm\"\n", node.Read("/etc/pavise/config.toml"));
    }

    [Fact]
    public async Task While_a_pVM_runs_it_is_uninstalled_by_force_only()
    {
        await node.InstallAsync();
        string sandbox = node.Folder + "/run/pavise/sandboxes/pod-1";
        Directory.CreateDirectory(sandbox);
        new VisorState(Environment.ProcessId, ProcessStartTime.Of(Environment.ProcessId)!, "tcg", true, 0, null).Write(sandbox);
        node.Write($"/proc/{Environment.ProcessId}/stat", File.ReadAllText($"/proc/{Environment.ProcessId}/stat"));
        HostException e = await Assert.ThrowsAsync<HostException>(() => node.UninstallAsync());
        Assert.Contains("pod-1", e.Message, StringComparison.Ordinal);
        Assert.True(node.Exists("/usr/local/bin/pavise-runtime"));
        await node.UninstallAsync(o => o with { Force = true });
        Assert.False(node.Exists("/usr/local/bin/pavise-runtime"));
    }

    [Fact]
    public async Task A_node_without_QEMU_is_refused_unless_its_machine_needs_none()
    {
        File.Delete(node.Folder + "/usr/bin/qemu-system-x86_64");
        Assert.Contains("qemu-system-x86", (await Assert.ThrowsAsync<HostException>(() => node.InstallAsync())).Message, StringComparison.Ordinal);
        await node.InstallAsync(o => o with { Machine = "process" });
    }

    [Fact]
    public async Task A_confidential_machine_needs_firmware_that_is_there()
    {
        Assert.Contains("--firmware", (await Assert.ThrowsAsync<HostException>(() => node.InstallAsync(o => o with { Machine = "snp" }))).Message, StringComparison.Ordinal);
        Assert.Contains("is not there", (await Assert.ThrowsAsync<HostException>(() => node.InstallAsync(o => o with { Machine = "snp", Firmware = "/ovmf.fd" }))).Message, StringComparison.Ordinal);
        node.Write("/ovmf.fd", "");
        await node.InstallAsync(o => o with { Machine = "snp", Firmware = "/ovmf.fd" });
        Assert.Contains("firmware = \"/ovmf.fd\"", node.Read("/etc/pavise/config.toml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incomplete_payload_is_refused_by_name()
    {
        File.Delete(Path.Combine(node.Payload, "guest/production/vmlinuz"));
        Assert.Contains("vmlinuz", (await Assert.ThrowsAsync<HostException>(() => node.InstallAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_machine_is_refused_before_anything_changes()
    {
        SortedDictionary<string, string> before = node.Everything();
        await Assert.ThrowsAsync<HostException>(() => node.InstallAsync(o => o with { Machine = "warp" }));
        Assert.Equal(before, node.Everything());
    }

    [Fact]
    public async Task Without_a_unit_containerd_is_not_restarted_and_that_is_said()
    {
        string said = await node.InstallAsync(o => o with { Service = "" });
        Assert.Contains("was not restarted", said, StringComparison.Ordinal);
        Assert.Equal(0, node.Restarts);
        Assert.Contains("runtimes.pavise", node.Read(FakeNode.ConfigurationPath), StringComparison.Ordinal);
    }
}
