using System.Text;
using CsCheck;
using Pavise.Owner.GuestBuild;
using Pavise.Owner.GuestBuild.Manifest;
using Pavise.Owner.GuestBuild.Packages;

namespace Pavise.Owner.Tests.GuestBuild;

public sealed class ManifestTests
{
    private static readonly GuestManifest Manifest = new(
        "production",
        "6.1.0",
        new("vmlinuz", "aa", 1),
        new("initrd.img", "bb", 2),
        CommandLines.All,
        [new("/init", "cc", 3, "0755"), new("/modules/groups", "dd", 4, "0644")]);

    [Fact]
    public void A_written_manifest_reads_back()
    {
        GuestManifest read = ManifestReader.Read(ManifestWriter.Write(Manifest));
        Assert.Equal((Manifest.Flavour, Manifest.KernelVersion, Manifest.Kernel, Manifest.Initrd), (read.Flavour, read.KernelVersion, read.Kernel, read.Initrd));
        Assert.Equal(Manifest.CommandLines, read.CommandLines);
        Assert.Equal(Manifest.Files, read.Files);
    }

    [Theory]
    [InlineData("pavise.guest/v1", "pavise.guest/v2")]
    [InlineData("\"vmlinuz\"", "\"../vmlinuz\"")]
    [InlineData("\"kernelVersion\"", "\"kernelVersion2\"")]
    public void A_manifest_of_another_form_is_refused(string what, string instead) =>
        Assert.Throws<FormatException>(() => ManifestReader.Read(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(ManifestWriter.Write(Manifest)).Replace(what, instead, StringComparison.Ordinal))));

    [Fact]
    public void Changed_bytes_give_a_manifest_or_a_format_error_and_nothing_else() => Gen.Select(Gen.Int[0, 600], Gen.Byte).Sample((at, value) =>
    {
        byte[] bytes = ManifestWriter.Write(Manifest);
        bytes[at] = value;
        try
        {
            ManifestReader.Read(bytes);
        }
        catch (FormatException)
        {
        }
    });

    [Fact]
    public void No_command_line_opens_a_console_or_weakens_the_kernel() =>
        Assert.Empty(CommandLines.All.Values.SelectMany(l => l.Split(' ')).Where(w => w.StartsWith("console=", StringComparison.Ordinal) || w is "nokaslr" or "mitigations=off" or "nosmap" or "nosmep"));

    [Fact]
    public void Each_word_of_the_command_lines_is_explained_in_the_document()
    {
        string document = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs/design/guest-image.md"));
        Assert.Empty(CommandLines.All.Values.SelectMany(l => l.Split(' ')).Distinct().Where(w => !document.Contains($"| `{w}` |", StringComparison.Ordinal)));
    }

    [Fact]
    public void Dependencies_are_names_without_versions_and_of_alternatives_the_first()
    {
        IReadOnlyDictionary<string, string> stanza = ControlStanzas.Parse("Package: a\nDepends: libc6 (>= 2.34), libx:any | liby, libz [amd64]\nPre-Depends: libp\nDescription: d\n more: text\n").Single();
        Assert.Equal(["libp", "libc6", "libx", "libz"], ControlStanzas.Depends(stanza));
    }

    [Fact]
    public void A_link_in_a_tree_leads_nowhere_else()
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory("pavise-tree-");
        try
        {
            File.CreateSymbolicLink(Path.Combine(root.FullName, "out"), "../../../../../../etc/passwd");
            File.CreateSymbolicLink(Path.Combine(root.FullName, "loop"), "loop");
            File.CreateSymbolicLink(Path.Combine(root.FullName, "in"), "/real");
            File.WriteAllText(Path.Combine(root.FullName, "real"), "");
            FileTree tree = new(root.FullName, "test");
            Assert.Null(tree.Find("out"));
            Assert.Null(tree.Find("loop"));
            Assert.Null(tree.Find("../../etc/passwd"));
            Assert.Equal(Path.Combine(root.FullName, "real"), tree.Find("in"));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static string RepositoryRoot()
    {
        DirectoryInfo at = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Pavise.slnx")))
        {
            at = at.Parent!;
        }

        return at.FullName;
    }
}
