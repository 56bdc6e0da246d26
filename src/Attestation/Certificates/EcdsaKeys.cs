using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Pavise.Attestation.Certificates;

/// <summary>
/// Imported ECDSA keys, for using again: importing checks the point, which on P-384 costs more than verifying a signature, and a platform's reports all come under
/// one key. An instance is used by one thread at a time.
/// </summary>
internal static class EcdsaKeys
{
    /// <summary>Idle instances: some hundred platforms. When there are more, all are let go: who makes up keys costs time, nothing else.</summary>
    public const int Idle = 256;

    private static readonly ConcurrentDictionary<Digest256, ConcurrentBag<ECDsa>> Keys = new();

    private static int _idle;

    /// <summary>Verifies under a key given as SubjectPublicKeyInfo, with nothing behind it.</summary>
    /// <exception cref="CryptographicException">The key is none.</exception>
    public static bool Verify(ReadOnlySpan<byte> publicKey, int bits, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash, DSASignatureFormat format)
    {
        Digest256 name = Digest256.Of(publicKey);
        ECDsa key;
        if (Keys.TryGetValue(name, out ConcurrentBag<ECDsa>? bag) && bag.TryTake(out ECDsa? idle))
        {
            Interlocked.Decrement(ref _idle);
            key = idle;
        }
        else
        {
            key = Import(publicKey);
        }

        bool holds = key.KeySize == bits && key.VerifyData(data, signature, hash, format);
        Return(name, key);
        return holds;
    }

    private static ECDsa Import(ReadOnlySpan<byte> publicKey)
    {
        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(publicKey, out int read);
            return read == publicKey.Length ? key : throw new CryptographicException("bytes behind the key");
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static void Return(Digest256 name, ECDsa key)
    {
        if (Interlocked.Increment(ref _idle) > Idle)
        {
            foreach (Digest256 old in Keys.Keys)
            {
                if (Keys.TryRemove(old, out ConcurrentBag<ECDsa>? bag))
                {
                    while (bag.TryTake(out ECDsa? gone))
                    {
                        gone.Dispose();
                    }
                }
            }

            Interlocked.Exchange(ref _idle, 1);
        }

        // A bag that was let go meanwhile is collected with what is in it.
        Keys.GetOrAdd(name, _ => []).Add(key);
    }
}
