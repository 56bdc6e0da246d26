using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>The host owns the image file. One flipped bit: the container does not start, or the read fails; never wrong data.</summary>
public sealed class TamperedImageTests
{
    private const string Marker = "pavise-marker-of-the-tampering-test";

    public static TheoryData<string, string> Places => new()
    {
        { "tcg", "superblock" }, { "tcg", "marker" }, { "tcg", "tree" }, { "tcg", "root-of-tree" },
        { "process", "superblock" }, { "process", "marker" }, { "process", "tree" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task One_flipped_bit_in_the_root_image_never_gives_wrong_data(string machine, string place)
    {
        await using Node node = new(machine);
        (string busybox, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string root = Path.Combine(node.Folder, "root");
        (await Command.RunAsync("cp", ["-a", busybox, root])).OrThrow("cp");

        // The marker lies deep in a file larger than a block, so that only its own block is damaged.
        byte[] content = new byte[64 * 1024];
        Array.Fill(content, (byte)'x');
        System.Text.Encoding.ASCII.GetBytes(Marker).CopyTo(content, 40_000);
        await File.WriteAllBytesAsync(Path.Combine(root, "data/file"), content);
        string annotation = await Owner.AnnotationAsync(Policies.Plain(await Owner.RootHashAsync(root), "[cat, /data/file]"));
        JsonObject config = Bundle.Config(root, ["cat", "/data/file"], env: ["PATH=/bin"]);
        string bundle = node.Bundle("tamper", config, annotation);

        CommandResult intact = await node.RuntimeAsync("run", "--bundle", bundle, "intact");
        Assert.Equal(0, intact.ExitCode);
        Assert.Contains(Marker, intact.Output, StringComparison.Ordinal);

        string image = Assert.Single(Directory.EnumerateFiles(node.Images, "*.img"));
        FlipBit(image, place);
        CommandResult damaged = await node.RuntimeAsync("run", "--bundle", bundle, "damaged");

        // Damage to the data must be seen, and on tcg damage to the tree that guards it. The top of the tree is what the host itself compares,
        // and builds anew; on process the tree is computed from the data. Never is there output that is not the file's.
        bool mustFail = place is "superblock" or "marker" || (machine == "tcg" && place == "tree");
        Assert.True(damaged.ExitCode != 0 || !mustFail, "the damage was not seen");
        Assert.True(damaged.ExitCode != 0 || damaged.Output == intact.Output, "wrong data was read");
        Assert.DoesNotContain((char)(Marker[0] ^ 1) + Marker[1..], damaged.Output, StringComparison.Ordinal);
    }

    private static void FlipBit(string image, string place)
    {
        byte[] bytes = File.ReadAllBytes(image);
        long dataBlocks = BitConverter.ToUInt32(bytes, 1024 + 36);
        long at = place switch
        {
            "superblock" => 1024 + 14,
            "marker" => bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(Marker)),
            "tree" => bytes.Length - 4096,
            "root-of-tree" => ((dataBlocks + 1) * 4096) + 5,
            _ => throw new ArgumentException(place),
        };
        bytes[at] ^= 1;

        // The level above the leaves guards each leaf block, so damage to the tree's last block shows when what it guards is read: all of it, to be sure.
        if (place == "tree")
        {
            for (long i = (dataBlocks + 2) * 4096; i < bytes.Length; i += 32)
            {
                bytes[i] ^= 1;
            }
        }

        File.WriteAllBytes(image, bytes);
    }
}
