using System.Text;
using CsCheck;
using Pavise.Owner.GuestBuild.Archive;

namespace Pavise.Owner.Tests.GuestBuild;

public sealed class CpioTests
{
    private static readonly Gen<CpioEntry[]> Entries =
        Gen.Select(Gen.String[Gen.Char['a', 'z'], 1, 8], Gen.Byte.Array[0, 100], Gen.Int[0, 0xFFF])
            .Select((name, content, mode) => CpioEntry.File($"files/{name}", content, mode))
            .Array[0, 12]
            .Select(files => files.DistinctBy(f => f.Path).Append(CpioEntry.Folder("files")).ToArray());

    [Fact]
    public void What_is_written_is_read_back_in_the_order_of_the_paths() => Entries.Sample(entries =>
    {
        IReadOnlyList<CpioEntry> read = CpioReader.Read(Write(entries));
        Assert.Equal(entries.OrderBy(e => e.Path, StringComparer.Ordinal).Select(Text), read.Select(Text));
    });

    [Fact]
    public void The_order_of_the_entries_changes_no_byte() => Entries.Sample(entries =>
        Assert.Equal(Write(entries), Write([.. entries.Reverse()])));

    [Fact]
    public void The_header_is_that_of_the_kernel_s_documentation()
    {
        byte[] archive = Write([CpioEntry.File("init", "x"u8.ToArray(), 0x1ED)]);
        const string Header = "070701" + "00000001" + "000081ED" + "00000000" + "00000000" + "00000001" + "00000000" + "00000001" + "00000000" + "00000000" + "00000000" + "00000000" + "00000005" + "00000000";
        Assert.Equal(Header + "init\0\0", Encoding.ASCII.GetString(archive, 0, 116));
        Assert.Equal("x\0\0\0", Encoding.ASCII.GetString(archive, 116, 4));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/init")]
    [InlineData("a/../b")]
    [InlineData("a//b")]
    [InlineData("missing/init")]
    [InlineData("TRAILER!!!")]
    public void A_path_that_the_kernel_would_not_unpack_where_it_says_is_refused(string path) =>
        Assert.Throws<ArgumentException>(() => Write([CpioEntry.File(path, default)]));

    [Fact]
    public void A_path_is_there_once_only() =>
        Assert.Throws<ArgumentException>(() => Write([CpioEntry.File("a", default), CpioEntry.File("a", "1"u8.ToArray())]));

    [Fact]
    public void Changed_bytes_give_an_archive_or_a_format_error_and_nothing_else() =>
        Gen.Select(Entries, Gen.Int[0, int.MaxValue], Gen.Byte).Sample((entries, at, value) =>
        {
            byte[] archive = Write(entries);
            archive[at % archive.Length] = value;
            ReadsOrRefuses(archive);
        });

    [Fact]
    public void A_cut_archive_is_refused() => Gen.Select(Entries, Gen.Int[0, int.MaxValue]).Sample((entries, at) =>
    {
        byte[] archive = Write(entries);
        Assert.Throws<FormatException>(() => CpioReader.Read(archive.AsMemory(0, at % archive.Length)));
    });

    [Fact]
    public void Bytes_behind_the_end_are_refused() =>
        Assert.Throws<FormatException>(() => CpioReader.Read((byte[])[.. Write([]), 0, 0, 0, 0]));

    private static void ReadsOrRefuses(byte[] archive)
    {
        try
        {
            CpioReader.Read(archive);
        }
        catch (FormatException)
        {
        }
    }

    private static string Text(CpioEntry entry) => $"{entry.Path} {entry.Mode:X} {Convert.ToHexString(entry.Content.Span)}";

    private static byte[] Write(CpioEntry[] entries)
    {
        using MemoryStream output = new();
        CpioWriter.Write(output, entries);
        return output.ToArray();
    }
}
