using System.Security.Cryptography;
using Pavise.Attestation.Snp;

namespace Pavise.Attestation.Certificates;

/// <summary>
/// The roots that are believed: SHA-256 of each root certificate's SubjectPublicKeyInfo. AMD: the ARK of each generation, from
/// <c>https://kdsintf.amd.com/vcek/v1/{product}/cert_chain</c>. Intel: SGX Root CA, from <c>https://certificates.trustedservices.intel.com</c>.
/// </summary>
internal sealed record PinnedRoots
{
    /// <summary>The vendors' roots: what every verification outside tests uses.</summary>
    public static PinnedRoots Vendors { get; } = new()
    {
        Milan = Convert.FromHexString("9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9"),
        Genoa = Convert.FromHexString("429a69c9422aa258ee4d8db5fcda9c6470ef15f8cd5a9cebd6cbc7d90b863831"),
        Turin = Convert.FromHexString("4f125410563a2ab9a50356f9243f6fe0b6f73de98603f53f90339c70e9d7ad08"),
        Intel = Convert.FromHexString("a0af031289f5d5d4132f9186068a7fc13628633ba235777472e29b6b6c67a49e"),
    };

    /// <summary>ARK-Milan.</summary>
    public required ReadOnlyMemory<byte> Milan { get; init; }

    /// <summary>ARK-Genoa.</summary>
    public required ReadOnlyMemory<byte> Genoa { get; init; }

    /// <summary>ARK-Turin.</summary>
    public required ReadOnlyMemory<byte> Turin { get; init; }

    /// <summary>Intel SGX Root CA.</summary>
    public required ReadOnlyMemory<byte> Intel { get; init; }

    /// <summary>The generation whose ARK this is, null for any other certificate.</summary>
    public SnpProduct? ArkOf(DerCertificate certificate)
    {
        ReadOnlySpan<byte> digest = SHA256.HashData(certificate.PublicKey.Span);
        return digest.SequenceEqual(Milan.Span) ? SnpProduct.Milan
            : digest.SequenceEqual(Genoa.Span) ? SnpProduct.Genoa
            : digest.SequenceEqual(Turin.Span) ? SnpProduct.Turin
            : null;
    }

    /// <summary>Whether this is Intel's root.</summary>
    public bool IsIntel(DerCertificate certificate) => SHA256.HashData(certificate.PublicKey.Span).AsSpan().SequenceEqual(Intel.Span);
}
