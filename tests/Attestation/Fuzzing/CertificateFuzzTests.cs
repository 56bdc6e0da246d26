using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tdx;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Attestation.Tests.Fuzzing;

/// <summary>Certificates, revocation lists, PEM. The oracle is the platform's own X.509 reader: what both accept must say the same.</summary>
public sealed class CertificateFuzzTests
{
    private static byte[][] Certificates()
    {
        SnpScene vcek = new(), vlek = new(SnpProduct.Turin, 3, vlek: true);
        using IntelPlatform intel = new();
        return [vcek.Leaf, vcek.Chain.Ask, vlek.Leaf, intel.Pck, intel.Root];
    }

    private static string? Agrees(byte[] input, Func<byte[], DerCertificate> parse)
    {
        if (Fuzzer.Try(() => parse(input)) is not { } ours)
        {
            return null;
        }

        try
        {
            using X509Certificate2 theirs = X509CertificateLoader.LoadCertificate(input);
            return !theirs.RawDataMemory.Span.SequenceEqual(input) ? "the platform reads fewer bytes"
                : !theirs.SerialNumberBytes.Span.SequenceEqual(ours.Serial.Span) && !Trimmed(theirs.SerialNumberBytes.Span).SequenceEqual(Trimmed(ours.Serial.Span)) ? "serial differs"
                : !theirs.SubjectName.RawData.AsSpan().SequenceEqual(ours.Subject.Span) ? "subject differs"
                : !theirs.IssuerName.RawData.AsSpan().SequenceEqual(ours.Issuer.Span) ? "issuer differs"
                : theirs.NotAfter.ToUniversalTime() != ours.NotAfter.UtcDateTime ? "end differs"
                : theirs.Extensions.Count != ours.Extensions.Length ? "number of extensions differs"
                : ours.Extensions.Any(e => !theirs.Extensions[e.Oid]!.RawData.AsSpan().SequenceEqual(e.Value.Span)) ? "an extension differs"
                : null;
        }
        catch (CryptographicException)
        {
            // The platform reads keys and names when it loads; ours keeps them as bytes until they are used.
            return null;
        }
    }

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> number) => number.TrimStart((byte)0);

    [Fact]
    public void What_our_reader_accepts_says_the_same_to_the_platforms() => Fuzzer.FindsNothing(Certificates(), 6_000, i => Agrees(i, b => DerCertificate.Parse(b)));

    [Fact]
    public void The_fuzzer_finds_a_reader_that_ignores_what_follows_the_certificate() => Fuzzer.FindsTheMistake(Certificates(), 60_000, i => Agrees(i, b =>
        DerCertificate.Parse(b.Length > 4 && (b[2] << 8 | b[3]) + 4 is var length && length <= b.Length ? b.AsSpan(0, length) : b)));

    [Fact]
    public void Vendor_extensions_are_read_or_refused_and_never_break_the_reader() => Fuzzer.FindsNothing(Certificates(), 6_000, input =>
    {
        if (Fuzzer.Try(() => DerCertificate.Parse(input)) is not { } certificate)
        {
            return null;
        }

        SnpCertificate? snp = Fuzzer.Try(() => SnpCertificate.Parse(certificate));
        PckCertificate? pck = Fuzzer.Try(() => PckCertificate.Parse(certificate));
        return snp is not null && pck is not null ? "of both vendors"
            : snp is { HardwareId: null, CloudProvider: null } ? "neither chip nor provider"
            : pck is not null && (pck.Fmspc.Length != 6 || pck.ComponentSvns.Length != 16) ? "parts of a wrong length"
            : null;
    });

    [Fact]
    public void The_fuzzer_finds_a_reader_of_extensions_that_takes_a_missing_chip_for_none() => Fuzzer.FindsTheMistake(Certificates(), 60_000, input =>
        Fuzzer.Try(() => DerCertificate.Parse(input)) is { } certificate
            && SnpCertificate.Is(certificate)
            && certificate.Extension("1.3.6.1.4.1.3704.1.4") is null
            && certificate.Extension("1.3.6.1.4.1.3704.1.5") is null ? "accepted neither chip nor provider" : null);

    private static byte[][] Lists()
    {
        SnpScene scene = new();
        using IntelPlatform intel = new();
        DateTimeOffset made = SnpScene.Now;
        return [scene.Chain.Crl(made, made.AddDays(30), [7], [8, 9]), intel.RootCrl(made, made.AddDays(30)), intel.PckCrl(made, made.AddDays(30), [1], [2], [3])];
    }

    private static string? ListAgrees(byte[] input, Func<byte[], RevocationList> parse)
    {
        if (Fuzzer.Try(() => parse(input)) is not { } ours)
        {
            return null;
        }

        try
        {
            CertificateRevocationListBuilder theirs = CertificateRevocationListBuilder.Load(input, out _, out int read);
            return read != input.Length ? "the platform reads fewer bytes"
                : ours.Serials.Any(s => !theirs.RemoveEntry(Convert.FromHexString(s))) ? "an entry that the platform does not see"
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    [Fact]
    public void What_our_reader_finds_revoked_the_platforms_finds_too() => Fuzzer.FindsNothing(Lists(), 6_000, i => ListAgrees(i, b => RevocationList.Parse(b)));

    [Fact]
    public void The_fuzzer_finds_a_reader_of_lists_that_ignores_what_follows() => Fuzzer.FindsTheMistake(Lists(), 60_000, i => ListAgrees(i, b =>
        RevocationList.Parse(b.Length > 4 && b[1] == 0x82 && (b[2] << 8 | b[3]) + 4 is var length && length <= b.Length ? b.AsSpan(0, length) : b)));

    private static byte[][] Chains()
    {
        using IntelPlatform intel = new();
        return [intel.Chain, [.. intel.SignerChain, 0], System.Text.Encoding.ASCII.GetBytes(Pem.Write(new SnpScene().Certificates.Select(c => (ReadOnlyMemory<byte>)c)))];
    }

    private static string? Canonical(byte[] input, Func<byte[], bool> accepts) =>
        accepts(input) && !(input is [.., 0] ? input[..^1] : input).AsSpan().SequenceEqual(System.Text.Encoding.ASCII.GetBytes(Pem.Write(Pem.Certificates(input)))) ? "two texts for the same chain" : null;

    [Fact]
    public void A_canonical_chain_has_one_text_only() => Fuzzer.FindsNothing(Chains(), 6_000, i => Canonical(i, b => Pem.IsCanonical(b)));

    [Fact]
    public void The_fuzzer_finds_a_reader_that_takes_any_text_of_a_chain() => Fuzzer.FindsTheMistake(Chains(), 60_000, i => Canonical(i, b => Fuzzer.Try(() => (object)Pem.Certificates(b)) is not null));
}
