using System.Security.Cryptography;
using Pavise.Attestation.Certificates;

namespace Pavise.Attestation.Tests;

public sealed class EcdsaKeysTests
{
    [Fact]
    public void Keys_that_are_used_again_by_many_threads_tell_right_signatures_from_wrong_ones()
    {
        (byte[] Spki, byte[] Signature)[] keys =
        [
            .. Enumerable.Range(0, 40).Select(_ =>
            {
                using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                return (key.ExportSubjectPublicKeyInfo(), key.SignData([1, 2, 3], HashAlgorithmName.SHA256));
            }),
        ];
        bool Holds(byte[] spki, byte[] signature) => Signatures.EcdsaHolds(spki, [1, 2, 3], signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, 256);
        Parallel.For(0, 2_000, i =>
        {
            int own = i % keys.Length, other = (i + 1 + i / keys.Length) % keys.Length;
            Assert.True(Holds(keys[own].Spki, keys[own].Signature));
            Assert.Equal(own == other, Holds(keys[own].Spki, keys[other].Signature));
        });
    }

    [Fact]
    public void More_keys_than_are_kept_are_all_usable()
    {
        for (int i = 0; i < EcdsaKeys.Idle + 20; i++)
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            Assert.True(Signatures.EcdsaHolds(key.ExportSubjectPublicKeyInfo(), [1], key.SignData([1], HashAlgorithmName.SHA256), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, 256));
        }
    }

    [Fact]
    public void A_key_with_bytes_behind_it_is_none()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] signature = key.SignData([1], HashAlgorithmName.SHA256);
        Assert.False(Signatures.EcdsaHolds([.. key.ExportSubjectPublicKeyInfo(), 0], [1], signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, 256));
    }
}
