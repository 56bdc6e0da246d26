using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Pavise.Session.Logs;

namespace Pavise.Session.Tests.Logs;

public sealed class SealedLogTests
{
    [Fact]
    public void What_was_written_is_read_whatever_bytes_and_however_it_was_cut()
    {
        using LogScene scene = new();
        Gen.Byte.Array[0, 40_000].Array[1, 6].Sample(writes =>
        {
            scene.Read.Clear();
            scene.Problems.Clear();
            using SealedLogWriter writer = scene.Writer();
            List<string> lines = [.. writes.SelectMany(w => LogScene.Split(writer.Seal(w)))];
            scene.Open(lines.Concat(LogScene.Split(writer.End())));
            Assert.Empty(scene.Problems);
            Assert.Equal(Encoding.Latin1.GetString([.. writes.SelectMany(w => w)]), scene.Read.ToString());
        }, iter: 60, threads: 1);
    }

    [Fact]
    public void No_line_is_longer_than_runtimes_leave_whole()
    {
        using LogScene scene = new();
        using SealedLogWriter writer = scene.Writer();
        byte[] text = new byte[300_000];
        Assert.All(LogScene.Split(writer.Seal(text)), line => Assert.InRange(line.Length, 1, LogLimits.LineBytes));
    }

    [Fact]
    public void Each_write_can_be_read_at_once()
    {
        using LogScene scene = new();
        using SealedLogWriter writer = scene.Writer();
        SealedLogReader reader = scene.Reader();
        foreach (string piece in (string[])["half a l", "ine\n", "x"])
        {
            foreach (string line in LogScene.Split(writer.Seal(Encoding.UTF8.GetBytes(piece))))
            {
                reader.Line(line);
            }

            Assert.EndsWith(piece, scene.Read.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Lines_tell_neither_text_nor_its_exact_length()
    {
        using LogScene scene = new();
        List<string> lines = scene.Lines(LogScene.Info(), "CANARY-1", "CANARY-12");
        Assert.DoesNotContain(lines, l => l.Contains("CANARY", StringComparison.Ordinal) || l.Contains(Convert.ToBase64String("CANARY"u8), StringComparison.Ordinal));
        Assert.Single(lines.Where(l => l.StartsWith("pavise1.r.", StringComparison.Ordinal)).Take(2).Select(l => l.Length).Distinct());
    }

    [Fact]
    public void Every_owner_reads_and_nobody_else()
    {
        using LogScene scene = new();
        using ECDiffieHellman second = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256), stranger = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP384);
        using SealedLogWriter writer = scene.Writer(null, second.ExportSubjectPublicKeyInfo());
        string[] lines = [.. LogScene.Split(writer.Seal("text"u8)), .. LogScene.Split(writer.End())];
        Assert.Equal("text", scene.Open(lines, second).Read.ToString());
        Assert.Empty(scene.Problems);
        Assert.Equal("text", scene.Open(lines, stranger).Read.ToString());
        Assert.Contains(LogProblem.WrongKey, scene.Kinds);
    }

    [Fact]
    public void A_log_without_its_beginning_is_read_from_where_the_header_stands_again()
    {
        using LogScene scene = new();
        List<string> lines = scene.Lines(LogScene.Info(), [.. Enumerable.Range(0, 1200).Select(i => $"line {i}\n")]);
        scene.Open(lines.Skip(300));
        Assert.Equal([LogProblem.NoHeader], scene.Kinds);
        Assert.EndsWith("line 1199\n", scene.Read.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("line 512\n", scene.Read.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Both_streams_of_a_container_may_be_mixed_and_restarted()
    {
        using LogScene scene = new();
        List<string> first = scene.Lines(LogScene.Info(), "a", "b"), second = scene.Lines(LogScene.Info(stream: "stderr"), "c", "d"), again = scene.Lines(LogScene.Info(run: 2), "e");
        scene.Open([.. first.Zip(second).SelectMany(p => new[] { p.First, p.Second }), .. again]);
        Assert.Empty(scene.Problems);
        Assert.Equal("acbde", scene.Read.ToString());
        Assert.Equal(3, scene.Begun);
    }

    [Theory]
    [InlineData("2026-11-24T16:00:00.123456789Z stdout F {0}")]
    [InlineData("""{{"log":"{0}\n","stream":"stdout","time":"2026-11-24T16:00:00Z"}}""")]
    [InlineData("[pod/redis/redis] {0}")]
    [InlineData("redis-1  | {0}\r")]
    [InlineData("{0}")]
    public void Lines_are_found_in_what_log_drivers_make_of_them(string format)
    {
        using LogScene scene = new();
        scene.Open(scene.Lines(LogScene.Info(), "one\n", "two\n").Select(l => string.Format(null, format, l)));
        Assert.Empty(scene.Problems);
        Assert.Equal("one\ntwo\n", scene.Read.ToString());
    }
}
