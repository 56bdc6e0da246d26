using System.Security.Cryptography;
using System.Text;
using Pavise.Attestation;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Tdx;

namespace Pavise.Collateral;

/// <summary>Recognised collateral, and the choice from it of what a request needs. Choosing is a convenience: the verifier checks what was chosen.</summary>
internal sealed class CollateralSet(IReadOnlyList<CollateralItem> items)
{
    private const string IntelRoot = "Intel SGX Root CA", IntelSigner = "Intel SGX TCB Signing";

    public VerificationCollateral For(CollateralRequest request) => request.Tee == TeeKind.Tdx
        ? new() { Tdx = Tdx(request) }
        : new()
        {
            SnpCertificates = [.. Certificates.Where(c => !NameOf(c.Subject).StartsWith("Intel ", StringComparison.Ordinal)).Select(c => c.Raw)],
            SnpCrls = [.. Crls.Where(c => !NameOf(c.Value.Issuer).StartsWith("Intel ", StringComparison.Ordinal)).Select(c => c.Raw)],
        };

    private IEnumerable<DerCertificate> Certificates => items.OfType<CollateralItem.Certificate>().Select(c => c.Value);

    private IEnumerable<CollateralItem.Crl> Crls => items.OfType<CollateralItem.Crl>();

    // TCB info of this platform, else any: then the verdict says that it is of another.
    private TdxCollateral? Tdx(CollateralRequest request)
    {
        CollateralItem.PlatformInfo? info = items.OfType<CollateralItem.PlatformInfo>()
            .OrderByDescending(i => i.Value.Fmspc.Span.SequenceEqual(request.Fmspc.Span)).ThenByDescending(i => i.Value.IssueDate).FirstOrDefault();
        CollateralItem.Enclave? enclave = items.OfType<CollateralItem.Enclave>().OrderByDescending(i => i.Value.IssueDate).FirstOrDefault();
        ReadOnlyMemory<byte> root = Latest(IntelRoot), pck = Latest($"Intel SGX PCK {(request.PckCa == "processor" ? "Processor" : "Platform")} CA");
        return info is null && enclave is null && root.IsEmpty && pck.IsEmpty
            ? null
            : new(info?.Raw ?? default, Chain(info?.Signed), enclave?.Raw ?? default, Chain(enclave?.Signed), pck, root);
    }

    private ReadOnlyMemory<byte> Latest(string issuer) =>
        Crls.Where(c => NameOf(c.Value.Issuer) == issuer).OrderByDescending(c => c.Value.ThisUpdate).FirstOrDefault()?.Raw ?? default;

    // Intel has had several signing certificates: the one that signed.
    private ReadOnlyMemory<byte> Chain(SignedJson? signed)
    {
        DerCertificate[] signers = [.. Certificates.Where(c => NameOf(c.Subject) == IntelSigner)];
        DerCertificate? root = Certificates.FirstOrDefault(c => NameOf(c.Subject) == IntelRoot);
        DerCertificate? signer = signed is null ? null : signers.FirstOrDefault(s => Signed(s, signed)) ?? signers.FirstOrDefault();
        return signer is null || root is null ? default : Encoding.ASCII.GetBytes(Pem.Write(signer.Raw, root.Raw));
    }

    private static bool Signed(DerCertificate signer, SignedJson signed) => Signatures.EcdsaHolds(
        signer.PublicKey.Span, signed.Value.Span, signed.Signature.Span, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, 256);

    private static string NameOf(ReadOnlyMemory<byte> name) => DistinguishedName.CommonName(name);
}
