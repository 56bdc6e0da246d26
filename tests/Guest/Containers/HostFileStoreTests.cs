using System.Security.Cryptography;
using Google.Protobuf;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Containers;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Tests.Containers;

public sealed class HostFileStoreTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-files-").FullName;

    private HostFileStore Store => field ??= new(
        [new MountPlan("/proc", MountKind.Proc), new MountPlan("/etc/hosts", MountKind.HostFiles) { Files = [new HostFilePlan("", null, 8)] }, new MountPlan("/etc/app", MountKind.HostFiles) { Files = [new HostFilePlan("a", null, 8), new HostFilePlan("b", null, 8)] }],
        folder);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Each_file_of_the_plan_is_wanted_and_nothing_else()
    {
        Assert.Equal([("/etc/hosts", ""), ("/etc/app", "a"), ("/etc/app", "b")], Store.Outstanding.Select(w => (w.Mount, w.Name)));
        Assert.Equal("", Store.Sources[0]);
        Assert.EndsWith("/1/file", Store.Sources[1]);
        Assert.EndsWith("/2", Store.Sources[2]);
    }

    [Fact]
    public void A_file_appears_only_when_whole_and_accepted()
    {
        Assert.Null(Store.Put(Piece("/etc/hosts", "", 0, "abc", last: false)));
        (ReadOnlyMemory<byte> content, byte[] digest) = Store.Put(Piece("/etc/hosts", "", 3, "de", last: true))!.Value;
        Assert.Equal(SHA256.HashData("abcde"u8), digest);
        Assert.False(File.Exists(Store.Sources[1]));
        Store.Accept(new PutFilePlan("c", "/etc/hosts", ""), content);
        Assert.Equal("abcde", File.ReadAllText(Store.Sources[1]));
        Assert.Equal(2, Store.Outstanding.Count);
    }

    [Fact]
    public void A_file_that_was_refused_can_be_brought_again()
    {
        Store.Put(Piece("/etc/hosts", "", 0, "bad", last: true));
        Assert.Equal(3, Store.Outstanding.Count);
        Assert.NotNull(Store.Put(Piece("/etc/hosts", "", 0, "good", last: true)));
    }

    [Theory]
    [InlineData("/etc/passwd", "", 0ul, "x")]
    [InlineData("/etc/app", "c", 0ul, "x")]
    [InlineData("/etc/hosts", "", 1ul, "x")]
    [InlineData("/etc/hosts", "", 0ul, "123456789")]
    public void Unknown_files_gaps_and_excess_are_refused(string mount, string name, ulong offset, string text) =>
        Assert.Throws<TtrpcException>(() => Store.Put(Piece(mount, name, offset, text, last: true)));

    [Fact]
    public void An_accepted_file_does_not_change_any_more()
    {
        Store.Accept(new PutFilePlan("c", "/etc/hosts", ""), Store.Put(Piece("/etc/hosts", "", 0, "one", last: true))!.Value.Content);
        Assert.Throws<TtrpcException>(() => Store.Put(Piece("/etc/hosts", "", 0, "two", last: true)));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    public void A_name_that_leaves_its_folder_is_a_broken_promise(string name) =>
        Assert.Throws<InvalidDataException>(() => new HostFileStore([new MountPlan("/m", MountKind.HostFiles) { Files = [new HostFilePlan(name, null, 1)] }], folder));

    private static PutFileRequest Piece(string mount, string name, ulong offset, string text, bool last) =>
        new() { ContainerId = "c", Mount = mount, Name = name, Offset = offset, Data = ByteString.CopyFromUtf8(text), Last = last };
}
