using System.Text;
using CsCheck;
using Pavise.Boundary.HostCalls.Files;
using Pavise.Guest.Files;

namespace Pavise.Guest.Tests.Files;

/// <summary>The validators of the file host calls.</summary>
public sealed class FileChecksTests
{
    private static readonly Gen<FileTime> Times = Gen.Select(Gen.Long, Gen.UInt, (s, n) => new FileTime(s, n));

    private static readonly Gen<FileFacts> Arbitrary = Gen.Select(Gen.ULong, Gen.ULong, Gen.Select(Gen.ULong, Gen.Int[0, 64], (v, s) => s == 64 ? 0 : v >> s), Gen.Select(Gen.ULong, Gen.Int[0, 63], (v, s) => v >> s))
        .Select(Gen.UInt[0, 0x1FFFF], Gen.UInt, Times, Times, (a, mode, links, m, c) => new FileFacts(a.Item1, a.Item2, a.Item3, a.Item4, mode, links, 0, 0, m, m, c));

    private static FileFacts Honest(uint mode) => new(1, 2, 3, 8, mode, 1, 0, 0, default, default, default);

    [Theory]
    [InlineData(FileFacts.Regular)]
    [InlineData(FileFacts.Folder)]
    [InlineData(FileFacts.Link)]
    [InlineData(FileFacts.Pipe)]
    [InlineData(FileFacts.Socket)]
    public void Each_type_that_crosses_is_accepted(uint type) => Assert.Equal(type, FileChecks.Facts(Honest(type | 0x1ED)).Type);

    [Fact]
    public void Arbitrary_facts_are_refused_or_within_their_bounds() => Arbitrary.Sample(f =>
    {
        if (Accepted(() => FileChecks.Facts(f)))
        {
            Assert.True(f.Size <= FileLimits.FileBytes && f.Inode != 0 && f.Links <= int.MaxValue && f.Modified.Nanoseconds < 1_000_000_000 && f.Changed.Nanoseconds < 1_000_000_000);
            Assert.Contains(f.Type, new[] { FileFacts.Regular, FileFacts.Folder, FileFacts.Link, FileFacts.Pipe, FileFacts.Socket });
        }
    }, iter: 20_000);

    [Fact]
    public void A_file_never_changes_type_or_identity()
    {
        FileFacts before = Honest(FileFacts.Regular | 0x1A4);
        FileNode node = new(7, before);
        Assert.True(Accepted(() => FileChecks.Same(before with { Size = 99, Mode = FileFacts.Regular }, node)));
        Assert.False(Accepted(() => FileChecks.Same(before with { Mode = FileFacts.Folder }, node)));
        Assert.False(Accepted(() => FileChecks.Same(before with { Inode = 3 }, node)));
        Assert.False(Accepted(() => FileChecks.Same(before with { Device = 9 }, node)));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("a", true)]
    [InlineData("a/b", false)]
    [InlineData("a\0b", false)]
    [InlineData("..", true)]
    public void Only_names_and_the_two_dots_are_entries(string name, bool isAccepted) =>
        Assert.Equal(isAccepted, Accepted(() => FileChecks.Entry(new FolderEntry(1, 1, 4), Encoding.UTF8.GetBytes(name))));

    [Fact]
    public void Arbitrary_entries_are_refused_or_are_names() => Gen.Select(Gen.ULong, Gen.ULong, Gen.Byte, Gen.Byte.Array[0, 12]).Sample((inode, next, type, name) =>
    {
        if (Accepted(() => FileChecks.Entry(new FolderEntry(inode, next, type), name)))
        {
            Assert.True(next <= long.MaxValue && inode != 0 && !name.Contains((byte)'/') && !name.Contains((byte)0) && name.Length > 0);
        }
    }, iter: 20_000);

    [Fact]
    public void More_than_was_asked_for_and_less_than_was_written_is_refused() => Gen.Select(Gen.Int, Gen.Int[0, 1 << 20]).Sample((answered, asked) =>
    {
        Assert.Equal(answered >= 0 && answered <= asked, Accepted(() => FileChecks.Length(answered, asked)));
        Assert.Equal(answered == asked, Accepted(() => FileChecks.Written((uint)answered, asked)));
    }, iter: 10_000);

    [Theory]
    [InlineData("user.a\0user.b\0", true)]
    [InlineData("", true)]
    [InlineData("user.a", false)]
    [InlineData("security.capability\0", false)]
    [InlineData("\0", false)]
    public void Only_attributes_that_cross_are_listed(string names, bool isAccepted) => Assert.Equal(isAccepted, Accepted(() => FileChecks.AttributeNames(Encoding.UTF8.GetBytes(names))));

    [Fact]
    public void No_operation_may_fail_with_what_means_something_to_the_kernel()
    {
        foreach (FileOperation operation in Enum.GetValues<FileOperation>())
        {
            Assert.All(Enumerable.Range(-600, 1200).Where(e => e is <= 0 or FileErrors.NotBuilt or FileErrors.Interrupted or > 133), errno => Assert.False(FileErrors.Allows(operation, errno)));
            Assert.True(FileErrors.Allows(operation, FileErrors.InputOutput));
        }
    }

    private static bool Accepted(Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (FileViolation)
        {
            return false;
        }
    }
}
