using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>Encrypted volumes in a real pVM: what was synced survives a kill; older, foreign, doubled images are refused by name.</summary>
public sealed class VolumeTests
{
    [Fact]
    public async Task What_was_synced_is_there_after_an_orderly_end_and_after_a_kill_and_nothing_of_it_in_the_image()
    {
        await using VolumeNode volume = await VolumeNode.StartAsync();
        (await volume.RunAsync("first")).OrThrow("run");
        Assert.Equal("", (await volume.ShellAsync("first", "ls /data")).OrThrow("ls").Output);
        (await volume.ShellAsync("first", "echo canary-one-72f1 > /data/one; sync")).OrThrow("write");
        await volume.DeleteAsync("first");

        (await volume.RunAsync("second")).OrThrow("run");
        Assert.Equal("canary-one-72f1\n", (await volume.ShellAsync("second", "cat /data/one")).OrThrow("cat").Output);
        (await volume.ShellAsync("second", "echo canary-two-72f1 > /data/two; sync; echo unsynced > /data/three")).OrThrow("write");
        await volume.KillAsync("second");

        (await volume.RunAsync("third")).OrThrow("run");
        Assert.Equal("canary-one-72f1\ncanary-two-72f1\n", (await volume.ShellAsync("third", "cat /data/one /data/two")).OrThrow("cat").Output);
        Assert.Contains("/data type ext4", (await volume.ShellAsync("third", "mount | grep /data")).OrThrow("mount").Output.Replace(" on /data type", "/data type", StringComparison.Ordinal), StringComparison.Ordinal);
        await volume.DeleteAsync("third");
        Assert.DoesNotContain("canary-", System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(volume.Image)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_image_an_empty_one_and_a_forked_one_are_refused_by_name_and_the_right_one_goes_on()
    {
        await using VolumeNode volume = await VolumeNode.StartAsync();
        (await volume.RunAsync("first")).OrThrow("run");
        await volume.DeleteAsync("first");
        string old = Path.Combine(volume.Node.Folder, "old"), newest = Path.Combine(volume.Node.Folder, "newest");
        File.Copy(volume.Image, old);
        (await volume.RunAsync("second")).OrThrow("run");
        (await volume.ShellAsync("second", "echo paid > /data/ledger; sync")).OrThrow("write");
        await volume.DeleteAsync("second");
        File.Move(volume.Image, newest);

        File.Copy(old, volume.Image);
        Refused("rollback to an older image", await volume.RunAsync("older"));
        File.Delete(volume.Image);
        Refused("rollback to nothing", await volume.RunAsync("empty"));
        File.Move(newest, volume.Image, overwrite: true);
        (await volume.RunAsync("right")).OrThrow("run");
        Assert.Equal("paid\n", (await volume.ShellAsync("right", "cat /data/ledger")).OrThrow("cat").Output);
    }

    [Fact]
    public async Task A_second_pVM_is_refused_with_the_same_image_by_its_host_and_with_a_copy_by_the_key_broker()
    {
        await using VolumeNode volume = await VolumeNode.StartAsync();
        (await volume.RunAsync("first")).OrThrow("run");
        Refused("in use by another pVM", await volume.RunAsync("same"));
        string copy = Directory.CreateDirectory(Path.Combine(volume.Node.Folder, "copy")).FullName;
        // A copy by .NET asks for a lock, which the pVM has.
        (await Command.RunAsync("cp", [volume.Image, VolumeNode.ImageIn(copy)])).OrThrow("cp");
        Refused("another pVM uses it", await volume.RunAsync("copy", copy));
        Assert.Equal("still here\n", (await volume.ShellAsync("first", "echo still here > /data/x; cat /data/x")).OrThrow("write").Output);
    }

    [Fact]
    public async Task A_volume_grows_with_its_policy_and_does_not_shrink()
    {
        await using VolumeNode volume = await VolumeNode.StartAsync("64Mi");
        (await volume.RunAsync("first")).OrThrow("run");
        (await volume.ShellAsync("first", "echo kept > /data/kept")).OrThrow("write");
        await volume.DeleteAsync("first");
        await volume.ResizeAsync("512Mi", 2);
        (await volume.RunAsync("grown")).OrThrow("run");
        Assert.Equal("kept\n", (await volume.ShellAsync("grown", "dd if=/dev/zero of=/data/large bs=1M count=200 2>/dev/null && sync && cat /data/kept")).OrThrow("fill").Output);
        await volume.DeleteAsync("grown");
        await volume.ResizeAsync("64Mi", 3);
        Refused("does not shrink", await volume.RunAsync("shrunk"));
    }

    [Fact]
    public async Task Another_key_does_not_open_it_and_on_the_process_machine_there_is_none()
    {
        await using VolumeNode volume = await VolumeNode.StartAsync();
        (await volume.RunAsync("first")).OrThrow("run");
        await volume.DeleteAsync("first");
        await volume.ChangeKeyAsync();
        Refused("belongs to another key", await volume.RunAsync("other"));
        await using VolumeNode process = await VolumeNode.StartAsync(machine: "process");
        Refused("need a virtual machine", await process.RunAsync("process"));
    }

    private static void Refused(string words, CommandResult result)
    {
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(words, result.Both, StringComparison.Ordinal);
    }
}
