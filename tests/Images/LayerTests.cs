using System.Formats.Tar;
using System.Text;
using CsCheck;
using Pavise.Images.Layers;

namespace Pavise.Images.Tests;

public sealed class LayerTests
{
    [Fact]
    public void A_whiteout_hides_what_lies_below_and_an_opaque_directory_all_of_it()
    {
        ImageInode root = Apply(
            Layer(("d/", null), ("d/a", "1"), ("d/b", "2"), ("o/", null), ("o/x", "3"), ("keep", "4")),
            Layer(("d/.wh.a", ""), ("o/new", "5"), ("o/.wh..wh..opq", "")));
        Assert.Equal(["d", "d/b", "keep", "o", "o/new"], Names(root));
    }

    [Fact]
    public void A_later_layer_replaces_files_by_directories_and_the_other_way_round()
    {
        ImageInode root = Apply(Layer(("a", "1"), ("b/", null), ("b/c", "2")), Layer(("a/", null), ("a/x", "3"), ("b", "4")));
        Assert.Equal(["a", "a/x", "b"], Names(root));
    }

    [Fact]
    public void Links_among_parents_are_followed_inside_the_root()
    {
        ImageInode root = Apply(Layer(("usr/", null), ("usr/lib/", null), ("lib -> usr/lib", null), ("up -> ../../..", null)), Layer(("lib/a", "1"), ("up/b", "2")));
        Assert.Equal(["b", "lib", "up", "usr", "usr/lib", "usr/lib/a"], Names(root));
    }

    [Fact]
    public void Missing_parents_are_made_and_hard_links_share_one_inode()
    {
        ImageInode root = Apply(Layer(("deep/er/file", "1"), ("deep/link = deep/er/file", null)));
        ImageInode deep = root.Entries["deep"u8.ToArray()];
        Assert.Equal((0x1ED, 0u), (deep.Permissions, deep.Uid));
        Assert.Same(deep.Entries["link"u8.ToArray()], deep.Entries["er"u8.ToArray()].Entries["file"u8.ToArray()]);
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("a/../../evil")]
    public void A_name_that_leaves_the_root_is_refused(string name) => Assert.Throws<ImageFormatException>(() => Apply(Layer((name, "x"))));

    [Fact]
    public void A_hard_link_to_nothing_is_refused() => Assert.Throws<ImageFormatException>(() => Apply(Layer(("a = absent", null))));

    [Fact]
    public void Long_names_and_binary_attributes_survive()
    {
        string name = string.Join('/', Enumerable.Repeat(new string('n', 200), 5));
        MemoryStream stream = new();
        using (TarWriter writer = new(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, name, [new("SCHILY.xattr.user.a", "value"), new("SCHILY.xattr.trusted.overlay.opaque", "y")]) { DataStream = new MemoryStream([1, 2]) });
        }

        ImageInode root = Apply(stream.ToArray());
        ImageInode inode = root;
        foreach (string part in name.Split('/'))
        {
            inode = inode.Entries[Encoding.UTF8.GetBytes(part)];
        }

        Assert.Equal(2ul, inode.Size);
        Assert.Equal(["user.a"], inode.Xattrs.Keys.Select(Encoding.UTF8.GetString));
    }

    [Fact]
    public void Sparse_files_of_gnu_tar_read_as_what_they_were()
    {
        Support.Tool.Require("tar", "truncate");
        using Support.TempFolder folder = new();
        Directory.CreateDirectory(folder["r"]);
        using (FileStream file = File.Create(folder["r/s"]))
        {
            for (int i = 0; i < 40; i++)
            {
                file.Position = i * 1_000_000;
                file.Write([(byte)(i + 1), 2, 3]);
            }

            file.SetLength(50_000_000);
        }

        foreach (string[] format in new[] { new[] { "--format=gnu" }, ["--format=posix", "--sparse-version=1.0"], ["--format=posix", "--sparse-version=0.1"] })
        {
            Support.Tool.Run("tar", [.. format, "-S", "-cf", folder["a.tar"], "-C", folder["r"], "."]);
            Assert.True(new FileInfo(folder["a.tar"]).Length < 2_000_000);
            ImageInode file = Apply(File.ReadAllBytes(folder["a.tar"])).Entries["s"u8.ToArray()];
            using Stream content = file.Content!();
            using FileStream original = File.OpenRead(folder["r/s"]);
            Assert.Equal(original.Length, (long)file.Size);
            Assert.Equal(System.Security.Cryptography.SHA256.HashData(original), System.Security.Cryptography.SHA256.HashData(content));
        }
    }

    [Fact]
    public void Damaged_archives_are_refused_or_read_but_never_break_the_reader()
    {
        byte[] good = Layer(("d/", null), ("d/a", "some content"), ("l -> d/a", null), (new string('n', 150), "x"));
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((at, value, cut) =>
        {
            byte[] bad = [.. good];
            bad[at] = value;
            foreach (byte[] archive in new[] { bad, bad[..cut] })
            {
                try
                {
                    Apply(archive);
                }
                catch (ImageFormatException)
                {
                    // Refused.
                }
            }
        }, iter: 3000);
        Gen.Byte.Array[0, 3000].Sample(bytes =>
        {
            try
            {
                Apply(bytes);
            }
            catch (ImageFormatException)
            {
                // Refused.
            }
        }, iter: 500);
    }

    private static ImageInode Apply(params byte[][] layers)
    {
        LayerStack stack = new();
        foreach (byte[] layer in layers)
        {
            stack.Apply("test", () => new MemoryStream(layer), default);
        }

        return stack.Root;
    }

    /// <summary>Names: "x/" a directory, "x -> y" a symbolic link, "x = y" a hard link.</summary>
    private static byte[] Layer(params (string Name, string? Content)[] entries)
    {
        MemoryStream stream = new();
        using (TarWriter writer = new(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach ((string name, string? content) in entries)
            {
                string[] link = name.Split(" -> "), hard = name.Split(" = ");
                PaxTarEntry entry = link.Length == 2 ? new(TarEntryType.SymbolicLink, link[0]) { LinkName = link[1] }
                    : hard.Length == 2 ? new(TarEntryType.HardLink, hard[0]) { LinkName = hard[1] }
                    : content is null ? new(TarEntryType.Directory, name)
                    : new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) };
                writer.WriteEntry(entry);
            }
        }

        return stream.ToArray();
    }

    private static List<string> Names(ImageInode directory, string prefix = "") =>
        [.. directory.Entries.SelectMany(e => (string[])[prefix + Encoding.UTF8.GetString(e.Key), .. Names(e.Value, prefix + Encoding.UTF8.GetString(e.Key) + "/")])];
}
