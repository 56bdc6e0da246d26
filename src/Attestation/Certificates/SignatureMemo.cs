using System.Collections.Concurrent;

namespace Pavise.Attestation.Certificates;

/// <summary>
/// Remembers which signatures of certificates, lists and collateral hold: they are the same in every verification of a platform, and RSA-4096 and ECDSA are its
/// cost. A function of its inputs only, so a verdict never depends on what was remembered; only what holds is kept, under the SHA-256 of all four inputs.
/// </summary>
internal static class SignatureMemo
{
    /// <summary>Entries, of some 100 bytes: four signatures a platform. When it is full it starts anew: who fills it with chains of his own costs time, nothing else.</summary>
    public const int Entries = 4096;

    private static readonly ConcurrentDictionary<Digest256, bool> Holding = new();

    private static int _count;

    /// <summary>Whether the signature holds, by memory or by checking.</summary>
    public static bool Hold(ReadOnlySpan<byte> algorithm, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        Digest256 key = Digest256.Of(algorithm, publicKey, data, signature);
        if (Holding.ContainsKey(key))
        {
            return true;
        }

        if (!Signatures.Check(algorithm, publicKey, data, signature))
        {
            return false;
        }

        if (Interlocked.Increment(ref _count) > Entries)
        {
            Holding.Clear();
            Interlocked.Exchange(ref _count, 1);
        }

        Holding[key] = true;
        return true;
    }
}
