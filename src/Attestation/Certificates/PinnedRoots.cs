using System.Security.Cryptography;
using Pavise.Attestation.Snp;

namespace Pavise.Attestation.Certificates;

/// <summary>
/// The roots that are believed: SHA-256 of each root certificate's SubjectPublicKeyInfo. AMD: the ARK of each generation, from
/// <c>https://kdsintf.amd.com/vcek/v1/{product}/cert_chain</c>. Intel: SGX Root CA, from <c>https://certificates.trustedservices.intel.com</c>.
/// </summary>
internal static class PinnedRoots
{
    private static readonly byte[] Milan = Convert.FromHexString("9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9");
    private static readonly byte[] Genoa = Convert.FromHexString("429a69c9422aa258ee4d8db5fcda9c6470ef15f8cd5a9cebd6cbc7d90b863831");
    private static readonly byte[] Turin = Convert.FromHexString("4f125410563a2ab9a50356f9243f6fe0b6f73de98603f53f90339c70e9d7ad08");
    private static readonly byte[] Intel = Convert.FromHexString("a0af031289f5d5d4132f9186068a7fc13628633ba235777472e29b6b6c67a49e");

    /// <summary>The pinned digest of a generation's ARK.</summary>
    public static ReadOnlySpan<byte> Of(SnpProduct product) => product switch
    {
        SnpProduct.Milan => Milan,
        SnpProduct.Genoa => Genoa,
        _ => Turin,
    };

    /// <summary>The generation whose ARK this is, null for any other certificate.</summary>
    public static SnpProduct? ArkOf(DerCertificate certificate)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(certificate.PublicKey.Span, digest);
        foreach (SnpProduct product in Enum.GetValues<SnpProduct>())
        {
            if (digest.SequenceEqual(Of(product)))
            {
                return product;
            }
        }

        return null;
    }

    /// <summary>Whether this is Intel's root.</summary>
    public static bool IsIntel(DerCertificate certificate) => SHA256.HashData(certificate.PublicKey.Span).AsSpan().SequenceEqual(Intel);
}
