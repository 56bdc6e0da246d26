using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>
/// What a host does to the bytes of an image: an error, never wrong data. The file is all of one letter, so that a wrong byte is seen; and what the volume cannot see is shown too.
/// </summary>
public sealed class VolumeDamageTests
{
    private const int Block = 4096;
    private const int Header = 1024 * 1024;

    /// <summary>Behind headers and journal, where nothing but blocks of the file system and their tags is.</summary>
    private const int Data = Header + (4 * 1024 * 1024);

    /// <summary>A run of changed blocks that is as long is content of the file.</summary>
    private const int Run = 256;

    private const string Write = "tr '\\0' X < /dev/zero | dd of=/data/file bs=1M count=8 iflag=fullblock conv=notrunc 2>/dev/null; dd if=/dev/zero of=/data/filler bs=1M count=4 2>/dev/null; sync; rm /data/filler; sync";
    private const string WrongBytes = "dd if=/data/file bs=4096 conv=noerror 2>/dev/null | tr -d B | wc -c";

    [Fact]
    public async Task A_flipped_bit_and_swapped_blocks_are_errors_and_never_wrong_data()
    {
        await using VolumeNode volume = await VolumeNode.StartAsync();
        (byte[] _, byte[] now, List<int> blocks) = await TwoStatesAsync(volume);
        byte[] flipped = [.. now];
        int middle = blocks[blocks.Count / 2];
        flipped[middle + 77] ^= 1;
        await ReadsAsync(volume, "flip", flipped);

        byte[] swapped = [.. now];
        now.AsSpan(middle, Block).CopyTo(swapped.AsSpan(middle + Block));
        now.AsSpan(middle + Block, Block).CopyTo(swapped.AsSpan(middle));
        await ReadsAsync(volume, "swap", swapped);
    }

    [Fact]
    public async Task A_cut_image_is_an_error_or_refused_and_never_wrong_data()
    {
        await using VolumeNode volume = await VolumeNode.StartAsync();
        (byte[] _, byte[] now, List<int> blocks) = await TwoStatesAsync(volume);
        await File.WriteAllBytesAsync(volume.Image, now[..blocks[blocks.Count / 2]]);
        CommandResult run = await volume.RunAsync("cut");
        if (run.ExitCode != 0)
        {
            Assert.Contains("damaged", run.Both, StringComparison.Ordinal);
            return;
        }

        Assert.NotEqual(0, (await volume.ShellAsync("cut", "cat /data/file > /dev/null")).ExitCode);
        Assert.Equal("0\n", (await volume.ShellAsync("cut", WrongBytes)).Output);
    }

    [Fact]
    public async Task A_header_that_was_changed_does_not_open()
    {
        await using VolumeNode volume = await VolumeNode.StartAsync();
        (await volume.RunAsync("first")).OrThrow("run");
        await volume.DeleteAsync("first");
        byte[] image = await File.ReadAllBytesAsync(volume.Image);
        image[40] ^= 1;
        image[Block + 40] ^= 1;
        await File.WriteAllBytesAsync(volume.Image, image);
        Refused("does not open", await volume.RunAsync("header"));
    }

    /// <summary>The limit that docs/volumes.md names: each block is authentic, its age is not known.</summary>
    [Fact]
    public async Task What_is_not_detected_old_blocks_under_the_newest_header_are_read_as_they_were()
    {
        await using VolumeNode volume = await VolumeNode.StartAsync();
        (byte[] before, byte[] now, _) = await TwoStatesAsync(volume);
        await File.WriteAllBytesAsync(volume.Image, [.. now[..Header], .. before[Header..]]);
        (await volume.RunAsync("old")).OrThrow("run");
        Assert.Equal("AAAA", (await volume.ShellAsync("old", "head -c 4 /data/file")).OrThrow("head").Output.Trim());
    }

    private static async Task ReadsAsync(VolumeNode volume, string id, byte[] image)
    {
        // A mount moves the header on: what was damaged is the newest image each time.
        await File.ReadAllBytesAsync(volume.Image).ContinueWith(t => t.Result.AsSpan(0, Header).CopyTo(image), TaskScheduler.Default);
        await File.WriteAllBytesAsync(volume.Image, image);
        (await volume.RunAsync(id)).OrThrow("run");
        CommandResult read = await volume.ShellAsync(id, "cat /data/file > /dev/null");
        Assert.NotEqual(0, read.ExitCode);
        Assert.Contains("Input/output error", read.Both, StringComparison.Ordinal);
        Assert.Equal("0\n", (await volume.ShellAsync(id, WrongBytes)).Output);
        await volume.DeleteAsync(id);
    }

    /// <summary>The image with the file all A, then all B, and where the blocks of its content are, in the middle of long runs.</summary>
    private static async Task<(byte[] Before, byte[] Now, List<int> Blocks)> TwoStatesAsync(VolumeNode volume)
    {
        byte[][] images = new byte[2][];
        for (int i = 0; i < 2; i++)
        {
            (await volume.RunAsync($"write{i}")).OrThrow("run");
            (await volume.ShellAsync($"write{i}", Write.Replace("X", i == 0 ? "A" : "B", StringComparison.Ordinal))).OrThrow("write");
            await volume.DeleteAsync($"write{i}");
            images[i] = await File.ReadAllBytesAsync(volume.Image);
        }

        List<int> changed = [.. Enumerable.Range(Data / Block, (images[1].Length - Data) / Block).Select(b => b * Block)
            .Where(b => !images[0].AsSpan(b, Block).SequenceEqual(images[1].AsSpan(b, Block)))];
        List<int> blocks = [.. changed.Where(b => changed.Contains(b - (Run / 2 * Block)) && changed.Contains(b + (Run / 2 * Block)))];
        Assert.NotEmpty(blocks);
        return (images[0], images[1], blocks);
    }

    private static void Refused(string words, CommandResult result)
    {
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(words, result.Both, StringComparison.Ordinal);
    }
}
