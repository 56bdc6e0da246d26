using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pavise.Attestation.Tests.Synthetic;

/// <summary>A chain of the form of AMD's, with keys of its own, and reports signed under it: tests without recorded evidence, and cases that nobody recorded.</summary>
internal sealed class AmdChain
{
    private const string Arc = "1.3.6.1.4.1.3704.1.";

    private static readonly Lazy<RSA> RootKey = new(() => RSA.Create(4096)), VcekIssuerKey = new(() => RSA.Create(4096)), VlekIssuerKey = new(() => RSA.Create(4096));

    private readonly string _product;
    private readonly X509Certificate2 _ark, _ask, _asvk;

    public AmdChain(string product)
    {
        _product = product;
        _ark = Authority($"ARK-{product}", RootKey.Value, $"ARK-{product}", RootKey.Value, 1);
        _ask = Authority($"SEV-{product}", VcekIssuerKey.Value, $"ARK-{product}", RootKey.Value, 2);
        _asvk = Authority($"SEV-VLEK-{product}", VlekIssuerKey.Value, $"ARK-{product}", RootKey.Value, 3);
    }

    public static DateTimeOffset Begin { get; } = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset End { get; } = new(2035, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public byte[] Ark => _ark.RawData;

    public byte[] Ask => _ask.RawData;

    public byte[] Asvk => _asvk.RawData;

    public byte[] RootDigest => SHA256.HashData(_ark.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>A VCEK (with a chip id) or VLEK (with a provider).</summary>
    public byte[] Leaf(ECDsa key, byte[] tcb, byte[]? chipId, string? provider = null, byte? fmc = null, bool byTheOther = false, string? productName = null)
    {
        CertificateRequest request = new(Name(chipId is null ? "SEV-VLEK" : "SEV-VCEK"), key, HashAlgorithmName.SHA384);
        Add(request, "1", w => w.WriteInteger(0));
        Add(request, "2", w => w.WriteCharacterString(UniversalTagNumber.IA5String, productName ?? $"{_product}-B0"));
        Add(request, "3.1", w => w.WriteInteger(tcb[0]));
        Add(request, "3.2", w => w.WriteInteger(tcb[1]));
        Add(request, "3.3", w => w.WriteInteger(tcb[2]));
        Add(request, "3.8", w => w.WriteInteger(tcb[3]));
        if (fmc is { } f)
        {
            Add(request, "3.9", w => w.WriteInteger(f));
        }

        if (chipId is not null)
        {
            request.CertificateExtensions.Add(new X509Extension(Arc + "4", chipId, false));
        }

        if (provider is not null)
        {
            Add(request, "5", w => w.WriteCharacterString(UniversalTagNumber.IA5String, provider));
        }

        bool vlek = (chipId is null) != byTheOther;
        X509SignatureGenerator signer = X509SignatureGenerator.CreateForRSA(vlek ? VlekIssuerKey.Value : VcekIssuerKey.Value, RSASignaturePadding.Pss);
        return request.Create((vlek ? _asvk : _ask).SubjectName, signer, Begin, End, [0]).RawData;
    }

    /// <summary>The root's revocation list.</summary>
    public byte[] Crl(DateTimeOffset made, DateTimeOffset next, params byte[][] revoked)
    {
        CertificateRevocationListBuilder list = new();
        foreach (byte[] serial in revoked)
        {
            list.AddEntry(serial, made);
        }

        X509AuthorityKeyIdentifierExtension identifier = X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(new X509SubjectKeyIdentifierExtension(_ark.PublicKey, false));
        return list.Build(_ark.SubjectName, X509SignatureGenerator.CreateForRSA(RootKey.Value, RSASignaturePadding.Pss), 1, next, HashAlgorithmName.SHA384, identifier, made);
    }

    public static byte[] AskSerial => [2];

    private static X509Certificate2 Authority(string subject, RSA key, string issuer, RSA issuerKey, byte serial)
    {
        CertificateRequest request = new(Name(subject), key, HashAlgorithmName.SHA384, RSASignaturePadding.Pss);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return request.Create(Name(issuer), X509SignatureGenerator.CreateForRSA(issuerKey, RSASignaturePadding.Pss), Begin, End, [serial]);
    }

    private static X500DistinguishedName Name(string common) => new($"CN={common}, O=Synthetic");

    private static void Add(CertificateRequest request, string name, Action<AsnWriter> write)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        write(writer);
        request.CertificateExtensions.Add(new X509Extension(Arc + name, writer.Encode(), false));
    }
}
