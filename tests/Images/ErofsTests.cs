using CsCheck;
using Pavise.Images.Erofs;
using Pavise.Images.Tests.Support;
using Pavise.Verity.Erofs;

namespace Pavise.Images.Tests;

public sealed class ErofsTests
{
    [Fact]
    public void Any_tree_reads_back_as_it_was_written_and_gives_the_same_bytes_twice() =>
        Trees.Any.Sample(tree =>
        {
            MemoryStream first = new(), second = new();
            ErofsWriter.Write(tree, first, default);
            ErofsWriter.Write(tree, second, default);
            Assert.True(first.ToArray().AsSpan().SequenceEqual(second.ToArray()));
            ErofsReader reader = new(first);
            Same(tree, reader, reader.Root);
        }, iter: 150);

    [Fact]
    public void A_directory_of_ten_thousand_long_names_reads_back()
    {
        ImageInode shared = Trees.File([1]);
        ImageInode tree = Trees.Directory([.. Enumerable.Range(0, 10_000).Select(i => ($"{new string('n', 200)}{i:D6}", shared))]);
        MemoryStream image = new();
        ErofsWriter.Write(tree, image, default);
        ErofsReader reader = new(image);
        Assert.Equal(10_000, reader.Entries(reader.Root).Count());
        Assert.Equal(10_000u, reader.Entries(reader.Root).First().Inode.LinkCount);
    }

    [Fact]
    public void A_damaged_image_is_refused_or_read_within_bounds_but_never_breaks_the_reader()
    {
        MemoryStream good = new();
        ErofsWriter.Write(Trees.Directory(("a", Trees.File(new byte[5000])), ("d", Trees.Directory(("b", Trees.Link("a")), ("c", Trees.File([1, 2, 3]))))), good, default);
        byte[] bytes = good.ToArray();
        Gen.Select(Gen.Int[1024, 4095], Gen.Byte, Gen.Int[1024, 4095], Gen.Byte).Sample((at, value, at2, value2) =>
        {
            byte[] damaged = [.. bytes];
            damaged[at] = value;
            damaged[at2] = value2;
            try
            {
                ErofsReader reader = new(new MemoryStream(damaged));
                Walk(reader, reader.Root, 0);
            }
            catch (ErofsFormatException)
            {
                // Refused.
            }
        }, iter: 5000);
    }

    [Fact]
    public async Task The_kernel_fsck_and_veritysetup_accept_an_image_and_show_the_same_files()
    {
        Tool.Require("fsck.erofs", "veritysetup", "mount");
        using TempFolder folder = new();
        string root = folder["root"], mount = folder["mount"], image = folder["image"];
        System.IO.Directory.CreateDirectory(mount);
        RealTree(root);
        RootImageInfo info;
        using (ImageSource source = ImageSource.FromDirectory(root))
        {
            info = await RootImageBuilder.BuildAsync(source, image, default);
        }

        Tool.Run("fsck.erofs", image);
        Tool.Run("veritysetup", "verify", image, image, info.RootHashHex, $"--hash-offset={info.DataBlocks * 4096}");
        Assert.Equal(info, RootImageInfo.Read(image));
        Assert.SkipUnless(File.ReadAllText("/proc/filesystems").Contains("erofs", StringComparison.Ordinal) && Environment.UserName == "root", "this kernel has no erofs, or this is not root");
        Tool.Run("mount", "-t", "erofs", "-o", "loop,ro", image, mount);
        try
        {
            const string format = "%P %y %m %U %G %s %n %l\\n";
            string[] Lines(string folder) => [.. Tool.Run("find", folder, "-mindepth", "1", "!", "-type", "d", "-printf", format).Split('\n').Order(StringComparer.Ordinal)];
            Assert.Equal(Lines(root), Lines(mount));
            foreach (string file in new[] { "hard1", "large", "small", "dir/nested" })
            {
                Assert.Equal(File.ReadAllBytes(Path.Combine(root, file)), File.ReadAllBytes(Path.Combine(mount, file)));
            }

            Assert.Equal(Tool.Run("stat", "-c", "%t %T", Path.Combine(root, "device")), Tool.Run("stat", "-c", "%t %T", Path.Combine(mount, "device")));
        }
        finally
        {
            Tool.Run("umount", mount);
        }
    }

    internal static void RealTree(string root)
    {
        System.IO.Directory.CreateDirectory(Path.Combine(root, "dir"));
        System.IO.Directory.CreateDirectory(Path.Combine(root, "empty-dir"));
        File.WriteAllText(Path.Combine(root, "small"), "small");
        File.WriteAllText(Path.Combine(root, "empty"), "");
        File.WriteAllBytes(Path.Combine(root, "large"), [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)]);
        File.WriteAllText(Path.Combine(root, "dir", "nested"), new string('x', 3000));
        File.WriteAllText(Path.Combine(root, new string('l', 255)), "a long name");
        File.CreateSymbolicLink(Path.Combine(root, "link"), "../absent");
        File.WriteAllText(Path.Combine(root, "hard1"), "shared");
        Tool.Run("ln", Path.Combine(root, "hard1"), Path.Combine(root, "dir", "hard2"));
        Tool.Run("truncate", "-s", "3M", Path.Combine(root, "sparse"));
        Tool.Run("chmod", "4755", Path.Combine(root, "small"));
        if (Environment.UserName == "root")
        {
            Tool.Run("mknod", Path.Combine(root, "device"), "c", "300", "70000");
            Tool.Run("mkfifo", Path.Combine(root, "fifo"));
            Tool.Run("chown", "100000:70000", Path.Combine(root, "empty"));
        }

        // Writers of archives round the parts of a second, each in its own way; an image is born with whole seconds.
        Tool.Run("find", root, "-exec", "touch", "-h", "-d", "@1700000000", "{}", "+");
    }

    private static void Same(ImageInode expected, ErofsReader reader, ErofsInode found)
    {
        Assert.Equal((expected.Permissions, expected.Uid, expected.Gid), ((ushort)(found.Mode & 0xFFF), found.Uid, found.Gid));
        Assert.Equal(expected.Xattrs.Select(x => Convert.ToHexString(x.Key) + Convert.ToHexString(x.Value)), found.Xattrs.Select(x => Convert.ToHexString(x.Name) + Convert.ToHexString(x.Value)));
        switch (expected.Kind)
        {
            case FileKind.Regular:
                Assert.Equal(expected.MtimeSeconds, found.MtimeSeconds);
                Assert.Equal(Bytes(expected.Content?.Invoke()), Bytes(reader.Open(found)));
                break;
            case FileKind.SymbolicLink:
                Assert.Equal(expected.Target, Bytes(reader.Open(found)));
                break;
            case FileKind.CharacterDevice:
                Assert.Equal((expected.Minor & 0xff) | (expected.Major << 8) | ((expected.Minor & ~0xffu) << 12), found.Device);
                break;
            case FileKind.Directory:
                List<(byte[] Name, ErofsInode Inode)> entries = [.. reader.Entries(found)];
                Assert.Equal(expected.Entries.Keys.Select(Convert.ToHexString), entries.Select(e => Convert.ToHexString(e.Name)));
                foreach ((byte[] name, ErofsInode inode) in entries)
                {
                    Same(expected.Entries[name], reader, inode);
                }

                break;
        }
    }

    private static void Walk(ErofsReader reader, ErofsInode inode, int depth)
    {
        if (inode.Type == 0x4000 && depth < 6)
        {
            foreach ((_, ErofsInode child) in reader.Entries(inode).Take(50))
            {
                Walk(reader, child, depth + 1);
            }
        }
        else if (inode.Type is 0x8000 or 0xA000)
        {
            Bytes(reader.Open(inode));
        }
    }

    private static byte[] Bytes(Stream? stream)
    {
        using MemoryStream all = new();
        stream?.CopyTo(all);
        return all.ToArray();
    }
}
