using System.Security.Cryptography;

namespace Pavise.Attestation.Simulated;

/// <summary>
/// The development key of the simulated secure processor: everybody can derive it from this text, so what it signs proves nothing. It is its own root; there is
/// no chain above it.
/// </summary>
public static class SimulatedKey
{
    /// <summary>CHIP_ID of simulated reports begins with this text.</summary>
    public static ReadOnlySpan<byte> ChipId => "pavise simulated secure processor"u8;

    private static readonly Lazy<byte[]> Public = new(() =>
    {
        using ECDsa key = Create();
        return key.ExportSubjectPublicKeyInfo();
    });

    /// <summary>The public half, as SubjectPublicKeyInfo.</summary>
    public static ReadOnlySpan<byte> PublicKey => Public.Value;

    /// <summary>The key, for tests: whoever has it can make simulated evidence.</summary>
    public static ECDsa Create() => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP384,
        D = SHA384.HashData("pavise development secure processor: not a secret"u8),
    });
}
