using System.Collections.Immutable;
using System.Security.Cryptography;
using Pavise.Attestation.Certificates;

namespace Pavise.Attestation.Tdx;

/// <summary>Collateral whose signature holds; fresh or not.</summary>
/// <param name="Value">The collateral.</param>
/// <param name="Signer">Intel's TCB signing certificate.</param>
internal sealed record SignedCollateral<T>(T Value, DerCertificate Signer);

/// <summary>Checks the signature of TCB info or QE identity, its signer's chain (TCB signing certificate, root) and whether it is fresh.</summary>
internal static class SignedCollateral
{
    private const int P256Bits = 256;
    private const string SignerName = "Intel SGX TCB Signing";

    public static readonly Names TcbInfo = new("tcbInfo", CheckNames.TdxTcbInfoSignature, CheckNames.TdxTcbInfoFresh);
    public static readonly Names QeIdentity = new("enclaveIdentity", CheckNames.TdxQeIdentitySignature, CheckNames.TdxQeIdentityFresh);

    internal sealed record Names(string Key, string Signature, string Freshness);

    /// <returns>Null when the collateral is missing, malformed or not Intel's.</returns>
    public static SignedCollateral<T>? Check<T>(
        Names names,
        ReadOnlyMemory<byte> answer,
        ReadOnlyMemory<byte> pem,
        Func<ReadOnlyMemory<byte>, T> read,
        Func<T, (DateTimeOffset Issued, DateTimeOffset Next)> window,
        DateTimeOffset now,
        PinnedRoots roots,
        CheckLog log)
    {
        const string expected = "signed by Intel's TCB signing key";
        if (answer.IsEmpty)
        {
            log.Missing(names.Signature, expected, "not given");
            log.Missing(names.Freshness, "fresh", "not given");
            return null;
        }

        T value;
        ImmutableArray<DerCertificate> chain;
        SignedJson signed;
        try
        {
            signed = SignedJson.Parse(answer, names.Key);
            chain = [.. Pem.Certificates(pem.Span).Select(c => DerCertificate.Parse(c.Span))];
            value = read(signed.Value);
        }
        catch (EvidenceFormatException e)
        {
            log.Is(names.Signature, false, expected, e.Message);
            return null;
        }

        string? problem = Problem(chain, signed, roots);
        if (!log.Is(names.Signature, problem is null, expected, problem ?? "holds"))
        {
            return null;
        }

        (DateTimeOffset issued, DateTimeOffset next) = window(value);
        DateTimeOffset from = Later(issued, Later(chain[0].NotBefore, chain[1].NotBefore)), to = Earlier(next, Earlier(chain[0].NotAfter, chain[1].NotAfter));
        log.Is(names.Freshness, from <= now && now <= to, $"{Validity.Text(from)} to {Validity.Text(to)}", Validity.Text(now));
        return new(value, chain[0]);
    }

    /// <summary>Whether an answer is Intel's, fresh or not.</summary>
    public static bool IsGenuine(Names names, ReadOnlyMemory<byte> answer, ReadOnlyMemory<byte> pem, PinnedRoots roots)
    {
        try
        {
            SignedJson signed = SignedJson.Parse(answer, names.Key);
            return Problem([.. Pem.Certificates(pem.Span).Select(c => DerCertificate.Parse(c.Span))], signed, roots) is null;
        }
        catch (EvidenceFormatException)
        {
            return false;
        }
    }

    private static string? Problem(ImmutableArray<DerCertificate> chain, SignedJson signed, PinnedRoots roots)
    {
        if (chain.Length != 2)
        {
            return $"the chain must be signer and root, not {chain.Length} certificates";
        }

        DerCertificate signer = chain[0], root = chain[1];
        return !roots.IsIntel(root) || !CertificatePool.Signed(root, root) ? "the chain does not end at Intel's root"
            : DistinguishedName.CommonName(signer.Subject) != SignerName || !CertificatePool.Signed(signer, root) || !CertificatePool.KnowsCriticalExtensions(signer) ? $"the signer is not {SignerName} under Intel's root"
            : !Signatures.EcdsaHolds(signer.PublicKey.Span, signed.Value.Span, signed.Signature.Span, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, P256Bits) ? "the signature does not hold"
            : null;
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
