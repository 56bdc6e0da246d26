using System.Security.Cryptography;

namespace Pavise.Attestation.Kbs;

/// <summary>REPORT_DATA of a key broker exchange (Trustee 0.4.0): the hash of the canonical runtime data, followed by zeros.</summary>
public static class KbsReportData
{
    /// <summary>Bytes of REPORT_DATA.</summary>
    public const int Bytes = 64;

    /// <summary>Computes it.</summary>
    /// <param name="canonicalRuntimeData">RFC 8785 form of <c>{"additional-evidence","nonce","tee-pubkey"}</c>, as the protocol version has it.</param>
    /// <param name="hash">SHA-256, SHA-384 (the protocol's default) or SHA-512.</param>
    public static byte[] Of(ReadOnlySpan<byte> canonicalRuntimeData, HashAlgorithmName hash)
    {
        byte[] reportData = new byte[Bytes];
        CryptographicOperations.HashData(hash, canonicalRuntimeData, reportData);
        return reportData;
    }
}
