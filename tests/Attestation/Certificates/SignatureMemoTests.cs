using System.Security.Cryptography;
using Pavise.Attestation.Certificates;

namespace Pavise.Attestation.Tests;

public sealed class SignatureMemoTests
{
    private static readonly byte[] Algorithm = Convert.FromHexString("300a06082a8648ce3d040302");

    [Fact]
    public void What_is_remembered_of_one_input_says_nothing_of_another()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256), other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] spki = key.ExportSubjectPublicKeyInfo(), data = [1, 2, 3], signature = key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        for (int round = 0; round < 3; round++)
        {
            Assert.True(Signatures.Hold(Algorithm, spki, data, signature));
            Assert.False(Signatures.Hold(Algorithm, other.ExportSubjectPublicKeyInfo(), data, signature));
            Assert.False(Signatures.Hold(Algorithm, spki, [1, 2, 4], signature));
            Assert.False(Signatures.Hold(Algorithm, spki, [1, 2], [3, .. signature]));
            Assert.False(Signatures.Hold(Algorithm, spki, data, [.. signature[..^1], (byte)(signature[^1] ^ 1)]));
            Assert.False(Signatures.Hold([.. Algorithm[..^1], 1], spki, data, signature));
        }
    }

    [Fact]
    public void More_signatures_than_are_remembered_still_hold_and_still_fail()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] spki = key.ExportSubjectPublicKeyInfo();
        byte[] first = key.SignData([0, 0], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        for (int i = 0; i < SignatureMemo.Entries + 10; i++)
        {
            byte[] data = [(byte)i, (byte)(i >> 8)];
            Assert.True(Signatures.Hold(Algorithm, spki, data, i == 0 ? first : key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
        }

        Assert.True(Signatures.Hold(Algorithm, spki, [0, 0], first));
        Assert.False(Signatures.Hold(Algorithm, spki, [0, 1], first));
    }
}
