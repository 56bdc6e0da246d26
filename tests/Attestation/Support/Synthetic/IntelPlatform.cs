using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;

namespace Pavise.Attestation.Tests.Synthetic;

/// <summary>Certificates and collateral of the form of Intel's, with keys of its own.</summary>
internal sealed class IntelPlatform : IDisposable
{
    private const string Arc = "1.2.840.113741.1.13.1";

    private readonly ECDsa _rootKey = New(), _caKey = New(), _pckKey = New(), _signerKey = New();
    private readonly X509Certificate2 _root, _ca, _signer;

    public IntelPlatform()
    {
        _root = Authority("Intel SGX Root CA", _rootKey, "Intel SGX Root CA", _rootKey, [1]);
        _ca = Authority("Intel SGX PCK Platform CA", _caKey, "Intel SGX Root CA", _rootKey, [2]);
        _signer = Certificate("Intel SGX TCB Signing", _signerKey, "Intel SGX Root CA", _rootKey, [3], false);
        Pck = PckCertificate();
    }

    public static DateTimeOffset Now { get; } = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset Begin { get; } = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset End { get; } = new(2035, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public byte[] Root => _root.RawData;

    public byte[] Ca => _ca.RawData;

    public byte[] Pck { get; set; }

    public byte[] Signer => _signer.RawData;

    public static byte[] CaSerial => [2];

    public static byte[] SignerSerial => [3];

    public static byte[] PckSerial => [4];

    public ECDsa PckKey => _pckKey;

    public PinnedRoots Roots => new() { Milan = new byte[32], Genoa = new byte[32], Turin = new byte[32], Intel = SHA256.HashData(_root.PublicKey.ExportSubjectPublicKeyInfo()) };

    public byte[] Chain => Encoding.ASCII.GetBytes(Pem.Write(Pck, Ca, Root));

    public byte[] SignerChain => Encoding.ASCII.GetBytes(Pem.Write(Signer, Root));

    public byte[] PckCertificate(byte[]? svns = null, int pceSvn = 11, string fmspc = "50806f000000")
    {
        svns ??= [5, 5, 2, 2, 3, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0];
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            Pair(writer, ".1", w => w.WriteOctetString(new byte[16]));
            Pair(writer, ".2", w =>
            {
                using (w.PushSequence())
                {
                    for (int i = 0; i < svns.Length; i++)
                    {
                        byte svn = svns[i];
                        Pair(w, $".2.{i + 1}", v => v.WriteInteger(svn));
                    }

                    Pair(w, ".2.17", v => v.WriteInteger(pceSvn));
                    Pair(w, ".2.18", v => v.WriteOctetString(svns));
                }
            });
            Pair(writer, ".3", w => w.WriteOctetString(new byte[2]));
            Pair(writer, ".4", w => w.WriteOctetString(Convert.FromHexString(fmspc)));
        }

        return Certificate("Intel SGX PCK Certificate", _pckKey, "Intel SGX PCK Platform CA", _caKey, [4], false, new X509Extension(Arc, writer.Encode(), false)).RawData;
    }

    public byte[] SignPck(ReadOnlySpan<byte> data) => _pckKey.SignData(data, HashAlgorithmName.SHA256);

    /// <summary>An answer of Intel's service: value and signature.</summary>
    public byte[] Signed(string name, string value)
    {
        byte[] signature = _signerKey.SignData(Encoding.UTF8.GetBytes(value), HashAlgorithmName.SHA256);
        return Encoding.UTF8.GetBytes($"{{\"{name}\":{value},\"signature\":\"{Convert.ToHexStringLower(signature)}\"}}");
    }

    public byte[] RootCrl(DateTimeOffset made, DateTimeOffset next, params byte[][] revoked) => Crl(_root, _rootKey, made, next, revoked);

    public byte[] PckCrl(DateTimeOffset made, DateTimeOffset next, params byte[][] revoked) => Crl(_ca, _caKey, made, next, revoked);

    public void Dispose()
    {
        foreach (ECDsa key in new[] { _rootKey, _caKey, _pckKey, _signerKey })
        {
            key.Dispose();
        }
    }

    private static ECDsa New() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static byte[] Crl(X509Certificate2 issuer, ECDsa key, DateTimeOffset made, DateTimeOffset next, byte[][] revoked)
    {
        CertificateRevocationListBuilder list = new();
        foreach (byte[] serial in revoked)
        {
            list.AddEntry(serial, made);
        }

        X509AuthorityKeyIdentifierExtension identifier = X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(new X509SubjectKeyIdentifierExtension(issuer.PublicKey, false));
        return list.Build(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(key), 1, next, HashAlgorithmName.SHA256, identifier, made);
    }

    private static X509Certificate2 Authority(string subject, ECDsa key, string issuer, ECDsa issuerKey, byte[] serial) => Certificate(subject, key, issuer, issuerKey, serial, true);

    private static X509Certificate2 Certificate(string subject, ECDsa key, string issuer, ECDsa issuerKey, byte[] serial, bool authority, X509Extension? extension = null)
    {
        CertificateRequest request = new(Name(subject), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(authority ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign : X509KeyUsageFlags.DigitalSignature, true));
        if (extension is not null)
        {
            request.CertificateExtensions.Add(extension);
        }

        return request.Create(Name(issuer), X509SignatureGenerator.CreateForECDsa(issuerKey), Begin, End, serial);
    }

    private static X500DistinguishedName Name(string common) => new($"CN={common}, O=Synthetic");

    private static void Pair(AsnWriter writer, string suffix, Action<AsnWriter> value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Arc + suffix);
            value(writer);
        }
    }
}
