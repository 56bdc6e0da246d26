using System.Formats.Tar;
using Pavise.Owner.Sessions;

namespace Pavise.Owner.Tests.Sessions;

/// <summary>Archives that an application made: it may be in an attacker's hands, and the owner's machine is not to be.</summary>
public sealed class SafeExtractionTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-cp-").FullName;

    [Fact]
    public void A_file_gets_the_new_name_and_a_folder_is_filled()
    {
        Assert.Equal(3ul, Extract(Path.Combine(folder, "new"), File("f", "abc")));
        Assert.Equal("abc", System.IO.File.ReadAllText(Path.Combine(folder, "new")));
        Directory.CreateDirectory(Path.Combine(folder, "into"));
        Extract(Path.Combine(folder, "into"), new PaxTarEntry(TarEntryType.Directory, "d/"), File("d/f", "x"), Link("d/l", "f"));
        Assert.Equal("x", System.IO.File.ReadAllText(Path.Combine(folder, "into", "d", "l")));
    }

    [Theory]
    [InlineData("../out")]
    [InlineData("d/../../out")]
    [InlineData("d/..")]
    public void A_path_that_leads_out_is_refused(string name) =>
        Assert.Throws<OwnerException>(() => Extract(Path.Combine(folder, "to"), File(name, "x")));

    [Theory]
    [InlineData("/etc")]
    [InlineData("../..")]
    [InlineData("x/../../../y")]
    public void A_link_that_leads_out_is_left_out_and_nothing_is_written_through_it(string target)
    {
        Directory.CreateDirectory(Path.Combine(folder, "to"));
        StringWriter notes = new();
        Extract(Path.Combine(folder, "to"), notes, Link("d", target), File("d/f", "x"));
        Assert.Contains("left out the link d", notes.ToString(), StringComparison.Ordinal);
        Assert.Null(new DirectoryInfo(Path.Combine(folder, "to", "d")).LinkTarget);
        Assert.True(System.IO.File.Exists(Path.Combine(folder, "to", "d", "f")));
    }

    [Fact]
    public void A_link_that_is_there_already_is_not_written_through()
    {
        string to = Directory.CreateDirectory(Path.Combine(folder, "to")).FullName, elsewhere = Directory.CreateDirectory(Path.Combine(folder, "elsewhere")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(to, "d"), elsewhere);
        System.IO.File.CreateSymbolicLink(Path.Combine(to, "f"), Path.Combine(elsewhere, "f"));
        Assert.Throws<OwnerException>(() => Extract(to, File("d/f", "x")));
        Extract(to, File("f", "x"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
    }

    [Fact]
    public void Devices_and_hard_links_are_left_out()
    {
        StringWriter notes = new();
        Directory.CreateDirectory(Path.Combine(folder, "to"));
        Extract(Path.Combine(folder, "to"), notes, new PaxTarEntry(TarEntryType.Fifo, "p"), new PaxTarEntry(TarEntryType.HardLink, "h") { LinkName = "/etc/passwd" });
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(folder, "to")));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static PaxTarEntry File(string name, string content) => new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(System.Text.Encoding.ASCII.GetBytes(content)) };

    private static PaxTarEntry Link(string name, string target) => new(TarEntryType.SymbolicLink, name) { LinkName = target };

    private static ulong Extract(string to, params PaxTarEntry[] entries) => Extract(to, TextWriter.Null, entries);

    private static ulong Extract(string to, TextWriter notes, params PaxTarEntry[] entries)
    {
        MemoryStream archive = new();
        using (TarWriter tar = new(archive, leaveOpen: true))
        {
            foreach (PaxTarEntry entry in entries)
            {
                tar.WriteEntry(entry);
            }
        }

        archive.Position = 0;
        return new SafeExtraction(to, notes).Run(archive);
    }
}
