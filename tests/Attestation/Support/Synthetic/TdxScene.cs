using System.Buffers.Binary;
using System.Security.Cryptography;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Tdx;

namespace Pavise.Attestation.Tests.Synthetic;

/// <summary>A synthetic TDX platform with a quote on a guest: everything right until a test changes it.</summary>
internal sealed class TdxScene : IDisposable
{
    public const string QeSigner = "dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5";

    private readonly ECDsa _attestation = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TdxScene(bool td15 = false, bool version5 = false)
    {
        Version5 = version5 || td15;
        Body = new byte[td15 ? TdxReportBody.Td15Bytes : TdxReportBody.Td10Bytes];
        RandomNumberGenerator.Fill(Body.AsSpan(16, 48));
        BinaryPrimitives.WriteUInt64LittleEndian(Body.AsSpan(120), TdxAttributes.SeptVeDisable);
        BinaryPrimitives.WriteUInt64LittleEndian(Body.AsSpan(128), 0x602e7);
        RandomNumberGenerator.Fill(Body.AsSpan(136, 96));
        RandomNumberGenerator.Fill(Body.AsSpan(328, 144));
        RandomNumberGenerator.Fill(Body.AsSpan(520, 64));
        TeeTcbSvn = [5, 0, 5];
        Convert.FromHexString(QeSigner).CopyTo(QeReport, 128);
        QeReport[48] = 0x11;
        QeReport[256] = 2;
        QeReport[258] = 4;
        Vendor = Convert.FromHexString("939a7233f79c4ca9940a0db3957f0607");
        RootCrl = Platform.RootCrl(IntelPlatform.Now.AddDays(-1), IntelPlatform.Now.AddDays(30));
        PckCrl = Platform.PckCrl(IntelPlatform.Now.AddDays(-1), IntelPlatform.Now.AddDays(30));
    }

    public IntelPlatform Platform { get; } = new();

    public bool Version5 { get; }

    public byte[] Vendor { get; set; }

    public byte[] Body { get; }

    public byte[] QeReport { get; } = new byte[384];

    public byte[] TeeTcbSvn
    {
        set => value.CopyTo(Body, 0);
    }

    public TcbInfoText Info { get; set; } = new();

    public QeIdentityText Identity { get; set; } = new();

    public byte[] RootCrl { get; set; }

    public byte[] PckCrl { get; set; }

    public bool WithInfo { get; set; } = true;

    public bool WithIdentity { get; set; } = true;

    public DateTimeOffset At { get; set; } = IntelPlatform.Now;

    /// <summary>Changes the finished quote.</summary>
    public Func<byte[], byte[]> Change { get; set; } = q => q;

    public EvidenceRequirements Requirements => new()
    {
        ReportData = Expected<ReadOnlyMemory<byte>>.OneOf(Body[520..584]),
        Policy = Expected<PolicyDigest>.OneOf(new PolicyDigest(new byte[32], Body[184..232])),
        Measurement = Expected<LaunchMeasurement>.OneOf(new LaunchMeasurement(Body[136..184], Body[328..376], Body[376..424], Body[424..472], new byte[48])),
    };

    public byte[] Quote()
    {
        byte[] header = new byte[48];
        header[0] = Version5 ? (byte)5 : (byte)4;
        header[2] = 2;
        header[4] = 0x81;
        Vendor.CopyTo(header, 12);
        byte[] signed = Version5 ? [.. header, .. QuoteBuilder.U16(Body.Length == TdxReportBody.Td15Bytes ? 3 : 2), .. QuoteBuilder.U32(Body.Length), .. Body] : [.. header, .. Body];
        ECParameters key = _attestation.ExportParameters(false);
        byte[] point = [.. key.Q.X!, .. key.Q.Y!], authentication = RandomNumberGenerator.GetBytes(32);
        SHA256.HashData((byte[])[.. point, .. authentication]).CopyTo(QeReport, 320);
        return QuoteBuilder.Write(signed, _attestation.SignData(signed, HashAlgorithmName.SHA256), point, QeReport, Platform.SignPck(QeReport), authentication, Platform.Chain);
    }

    public TdxCollateral Collateral() => new(
        WithInfo ? Platform.Signed("tcbInfo", Info.ToString()) : default,
        Platform.SignerChain,
        WithIdentity ? Platform.Signed("enclaveIdentity", Identity.ToString()) : default,
        Platform.SignerChain,
        PckCrl,
        RootCrl);

    public Verdict Verify(Func<TdxRequirements, TdxRequirements>? change = null, TdxCollateral? collateral = null) => EvidenceVerifier
        .Authenticate(LaunchEvidence.Parse(TeeKind.Tdx, Change(Quote())), new() { Tdx = collateral ?? Collateral() }, At, Platform.Roots)
        .Appraise(change is null ? Requirements : Requirements with { Tdx = change(Requirements.Tdx) });

    public void Dispose()
    {
        _attestation.Dispose();
        Platform.Dispose();
    }
}
