using System.Text;
using Pavise.Attestation.Tests.Fuzzing;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Collateral.Tests;

/// <summary>Files of a collateral folder: recognised or passed over, whatever they hold.</summary>
public sealed class FolderFuzzTests : IDisposable
{
    private readonly TdxScene _scene = new();

    public void Dispose() => _scene.Dispose();

    private byte[][] Files()
    {
        Pavise.Attestation.Collateral.TdxCollateral tdx = _scene.Collateral();
        string info = _scene.Info.ToString(), identity = _scene.Identity.ToString(), signature = new('0', 128), chain = Encoding.ASCII.GetString(tdx.TcbInfoChain.Span).Replace("\n", "\\n", StringComparison.Ordinal);
        string Text(string value) => value.Replace("\"", "\\\"", StringComparison.Ordinal);
        byte[] bundle = Encoding.UTF8.GetBytes(
            $"{{\"tcb_info\":\"{Text(info)}\",\"tcb_info_signature\":\"{signature}\",\"qe_identity\":\"{Text(identity)}\",\"qe_identity_signature\":\"{signature}\",\"root_ca_crl\":\"{Convert.ToHexStringLower(tdx.RootCrl.Span)}\","
            + $"\"pck_crl\":\"{Convert.ToHexStringLower(tdx.PckCrl.Span)}\",\"tcb_info_issuer_chain\":\"{chain}\",\"qe_identity_issuer_chain\":\"{chain}\"}}");
        return [tdx.TcbInfo.ToArray(), tdx.QeIdentity.ToArray(), tdx.TcbInfoChain.ToArray(), tdx.PckCrl.ToArray(), new SnpScene().Leaf, bundle];
    }

    // What is recognised is what the file holds: a certificate's or list's bytes are the file's, a signed answer's are too.
    private static string? Oracle(byte[] input, Func<byte[], IReadOnlyList<CollateralItem>> recognise) => input is [0x30, ..] && recognise(input) is [var item]
        ? item switch
        {
            CollateralItem.Certificate certificate => certificate.Value.Raw.Span.SequenceEqual(input) ? null : "another certificate",
            CollateralItem.Crl list => list.Raw.Span.SequenceEqual(input) ? null : "another list",
            _ => "JSON in DER",
        }
        : recognise(input).Count > 100 ? "more than a file can hold" : null;

    [Fact]
    public void A_file_is_recognised_as_what_it_holds_or_passed_over()
    {
        Assert.Equal([1, 1, 2, 1, 1, 8], Files().Select(f => CollateralItem.Recognise(f).Count));
        Fuzzer.FindsNothing(Files(), 6_000, i => Oracle(i, CollateralItem.Recognise));
    }

    [Fact]
    public void The_fuzzer_finds_a_folder_that_cuts_what_it_reads() => Fuzzer.FindsTheMistake(
        Files(), 60_000, i => Oracle(i, b => b is [0x30, 0x82, ..] && b.Length > 4 && (b[2] << 8 | b[3]) + 4 is var length && length < b.Length ? CollateralItem.Recognise(b[..length]) : CollateralItem.Recognise(b)));
}
