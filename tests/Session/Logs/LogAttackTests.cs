using System.Security.Cryptography;
using CsCheck;
using Pavise.Session.Logs;

namespace Pavise.Session.Tests.Logs;

/// <summary>What a host can do to a log that passes through its hands, and what the reader says.</summary>
public sealed class LogAttackTests : IDisposable
{
    private readonly LogScene scene = new();

    /// <summary>Header, ten records, closing record.</summary>
    private List<string> Lines => scene.Lines(LogScene.Info(), [.. Enumerable.Range(0, 10).Select(i => $"{i}")]);

    [Fact]
    public void A_missing_record_is_a_gap()
    {
        List<string> lines = Lines;
        lines.RemoveAt(4);
        scene.Open(lines);
        Assert.Equal([LogProblem.Gap, LogProblem.Gap], scene.Kinds);
        Assert.Equal("012456789", scene.Read.ToString());
        Assert.Contains("record 4 never came", scene.Problems[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_in_another_place_is_reported_and_given_out_once()
    {
        List<string> lines = Lines;
        (lines[3], lines[4]) = (lines[4], lines[3]);
        scene.Open(lines);
        Assert.Equal([LogProblem.Gap, LogProblem.Reordered], scene.Kinds);
        Assert.Equal("0132456789", scene.Read.ToString());
    }

    [Fact]
    public void A_record_that_comes_twice_is_given_out_once()
    {
        List<string> lines = Lines;
        lines.Insert(9, lines[3]);
        scene.Open(lines);
        Assert.Equal([LogProblem.Duplicate], scene.Kinds);
        Assert.Equal("0123456789", scene.Read.ToString());
    }

    [Fact]
    public void A_log_that_is_cut_lacks_its_closing_record()
    {
        scene.Open(Lines.SkipLast(1));
        Assert.Equal([LogProblem.NoEnd], scene.Kinds);
    }

    [Fact]
    public void A_stream_that_is_fed_twice_is_given_out_once()
    {
        List<string> lines = Lines;
        scene.Open(lines.Concat(lines));
        Assert.Equal("0123456789", scene.Read.ToString());
        Assert.Equal([LogProblem.Replayed, .. Enumerable.Repeat(LogProblem.Duplicate, 11)], scene.Kinds);
    }

    [Fact]
    public void A_stream_of_an_earlier_boot_is_reported_after_a_newer_one()
    {
        using LogScene earlier = new(), second = new();
        scene.Others.Add(earlier);
        using SealedLogWriter old = new(LogScene.Info(began: 5), [scene.Owner.ExportSubjectPublicKeyInfo()], earlier, TimeProvider.System);
        string[] replayed = [.. LogScene.Split(old.Seal("old"u8)), .. LogScene.Split(old.End())];
        scene.Open([.. scene.Lines(LogScene.Info(began: 9), "new"), .. replayed]);
        Assert.Equal("new", scene.Read.ToString());
        Assert.Equal([LogProblem.Replayed], scene.Kinds);
    }

    [Fact]
    public void Where_the_owner_names_the_boot_every_other_is_refused()
    {
        scene.Open(Lines, pinned: new string('0', 64));
        Assert.Empty(scene.Read.ToString());
        Assert.Equal(LogProblem.Replayed, scene.Problems[0].Problem);
        scene.Problems.Clear();
        Assert.Equal("0123456789", scene.Open(Lines, pinned: scene.Boot).Read.ToString());
        Assert.Empty(scene.Problems);
    }

    [Fact]
    public void A_run_has_one_stream_only()
    {
        scene.Open([.. Lines, .. scene.Lines(LogScene.Info(), "second")]);
        Assert.Equal("0123456789", scene.Read.ToString());
        Assert.Contains(LogProblem.Replayed, scene.Kinds);
    }

    [Fact]
    public void A_log_that_the_host_makes_for_the_owners_key_is_forged()
    {
        using LogScene host = new();
        using SealedLogWriter writer = new(LogScene.Info(), [scene.Owner.ExportSubjectPublicKeyInfo()], host, TimeProvider.System);
        scene.Open([.. LogScene.Split(writer.Seal("lies"u8)), .. LogScene.Split(writer.End())]);
        Assert.Empty(scene.Read.ToString());
        Assert.Equal(LogProblem.Forged, scene.Problems[0].Problem);
        Assert.Contains("measurement", scene.Problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_with_the_genuine_certificate_and_another_key_is_forged()
    {
        using ECDsa own = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using SealedLogWriter writer = new(LogScene.Info(), [scene.Owner.ExportSubjectPublicKeyInfo()], new BorrowedCertificate(scene, own), TimeProvider.System);
        scene.Open([.. LogScene.Split(writer.Seal("lies"u8)), .. LogScene.Split(writer.End())]);
        Assert.Empty(scene.Read.ToString());
        Assert.Equal(LogProblem.Forged, scene.Problems[0].Problem);
    }

    [Fact]
    public void A_record_of_another_stream_is_refused()
    {
        List<string> lines = Lines, other = scene.Lines(LogScene.Info(stream: "stderr"), "x", "y", "z");
        string spliced = lines[1][..^lines[1].Split('.')[3].Length] + other[2].Split('.')[3];
        scene.Open([lines[0], spliced, .. lines.Skip(1)]);
        Assert.Equal("0123456789", scene.Read.ToString());
        Assert.Equal([LogProblem.Changed], scene.Kinds);
    }

    [Fact]
    public void Text_that_is_not_sealed_is_never_given_out()
    {
        scene.Open(["all is well", .. Lines]);
        Assert.Equal("0123456789", scene.Read.ToString());
        Assert.Equal([LogProblem.Unsealed], scene.Kinds);
    }

    /// <summary>Whatever is done to the lines: nothing is given out that was not written, nothing twice, and whatever differs is reported.</summary>
    [Fact]
    public void Whatever_is_done_to_the_lines_nothing_false_is_given_out_and_nothing_goes_unnoticed()
    {
        List<string> lines = Lines, foreign = scene.Lines(LogScene.Info(run: 2), "a", "b");
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, lines.Count - 1], Gen.Int[0, 20_000], Gen.Char["abAB01_-.{"]).Sample((what, at, offset, with) =>
        {
            List<string> changed = [.. lines];
            int place = offset % changed[at].Length;
            switch (what)
            {
                case 0: changed.RemoveAt(at); break;
                case 1: changed.Insert(offset % lines.Count, lines[at]); break;
                case 2: changed[at] = changed[at].Remove(place, 1).Insert(place, $"{with}"); break;
                case 3: changed[at] = changed[at][..place]; break;
                case 4: changed[at] = changed[at].Insert(place, $"{with}"); break;
                case 5: changed.RemoveRange(at, changed.Count - at); break;
                default: changed[at] = changed[at][..Math.Min(34, place)] + foreign[offset % foreign.Count][Math.Min(34, place)..]; break;
            }

            using LogScene reading = new();
            scene.Read.Clear();
            scene.Problems.Clear();
            scene.Open(changed);
            string read = scene.Read.ToString();
            Assert.Equal(read.Distinct().Count(), read.Length);
            Assert.All(read, c => Assert.InRange(c, '0', '9'));
            Assert.True(scene.Problems.Count > 0 || read == "0123456789", "something is missing and nothing was said");
        }, iter: 1500, threads: 1);
    }

    [Fact]
    public void Arbitrary_text_never_makes_the_reader_throw() =>
        Gen.String[Gen.Char["pavise1.hr0AZ_-={} \n"], 0, 200].Sample(text => scene.Open([text, $"pavise1.h.{text}", $"pavise1.r.AAAAAAAAAAAAAAAAAAAAAA.{text}", $"pavise1.h.AAAAAAAAAAAAAAAAAAAAAA.1.1.{text}"]), iter: 2000, threads: 1);

    public void Dispose() => scene.Dispose();

    private sealed class BorrowedCertificate(LogScene from, ECDsa key) : ILogSigner
    {
        public ReadOnlyMemory<byte> Certificate => from.Certificate;

        public string Boot => from.Boot;

        public byte[] Sign(ReadOnlySpan<byte> message) => key.SignData(message, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
