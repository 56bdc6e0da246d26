using System.Security.Cryptography;

namespace Pavise.Attestation;

/// <summary>A policy's digest as each kind of evidence carries it.</summary>
/// <param name="HostData">SNP HOST_DATA (and simulated), 32 bytes.</param>
/// <param name="MrConfigId">TDX MRCONFIGID, 48 bytes.</param>
public sealed record PolicyDigest(ReadOnlyMemory<byte> HostData, ReadOnlyMemory<byte> MrConfigId)
{
    /// <summary>Pavise: SHA-256 and SHA-384 of the canonical policy bytes.</summary>
    public static PolicyDigest OfPolicy(ReadOnlySpan<byte> canonical) => new(SHA256.HashData(canonical), SHA384.HashData(canonical));

    /// <summary>Confidential Containers' initdata: one digest of the document's raw bytes, cut or padded with zeros to each field.</summary>
    /// <param name="digest">Digest by the algorithm that the document names.</param>
    public static PolicyDigest OfInitdata(ReadOnlySpan<byte> digest) => new(Fit(digest, SHA256.HashSizeInBytes), Fit(digest, SHA384.HashSizeInBytes));

    /// <summary>The form for a kind of evidence.</summary>
    public ReadOnlyMemory<byte> For(TeeKind tee) => tee == TeeKind.Tdx ? MrConfigId : HostData;

    private static byte[] Fit(ReadOnlySpan<byte> digest, int length)
    {
        byte[] field = new byte[length];
        digest[..Math.Min(length, digest.Length)].CopyTo(field);
        return field;
    }
}
