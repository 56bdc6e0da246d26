using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Pavise.Attestation.Certificates;

/// <summary>
/// Remembers which signatures of certificates, lists and collateral hold: they are the same in every verification of a platform, and RSA-4096 and ECDSA are its
/// cost. A function of its inputs only, so a verdict never depends on what was remembered; only what holds is kept, under the SHA-256 of all four inputs.
/// </summary>
internal static class SignatureMemo
{
    /// <summary>Entries, of some 100 bytes: four signatures a platform. When it is full it starts anew: who fills it with chains of his own costs time, nothing else.</summary>
    public const int Entries = 4096;

    private static readonly ConcurrentDictionary<Key, bool> Holding = new();

    private static int _count;

    /// <summary>Whether the signature holds, by memory or by checking.</summary>
    public static bool Hold(ReadOnlySpan<byte> algorithm, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        Key key = Key.Of(algorithm, publicKey, data, signature);
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

    private readonly record struct Key(UInt128 High, UInt128 Low)
    {
        public static Key Of(ReadOnlySpan<byte> algorithm, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
        {
            // Each part with its length before it: no two inputs make the same text.
            Span<byte> lengths = stackalloc byte[4 * sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(lengths, algorithm.Length);
            BinaryPrimitives.WriteInt32LittleEndian(lengths[4..], publicKey.Length);
            BinaryPrimitives.WriteInt32LittleEndian(lengths[8..], data.Length);
            BinaryPrimitives.WriteInt32LittleEndian(lengths[12..], signature.Length);
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(lengths);
            hash.AppendData(algorithm);
            hash.AppendData(publicKey);
            hash.AppendData(data);
            hash.AppendData(signature);
            Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
            hash.GetHashAndReset(digest);
            return new(BinaryPrimitives.ReadUInt128BigEndian(digest), BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));
        }
    }
}
