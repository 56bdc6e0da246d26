using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Snp;

namespace Pavise.Attestation.Tests.Synthetic;

/// <summary>A synthetic platform with a report on a guest: everything right until a test changes it.</summary>
internal sealed class SnpScene
{
    private static readonly Dictionary<string, AmdChain> Chains = new() { ["Milan"] = new("Milan"), ["Genoa"] = new("Genoa"), ["Turin"] = new("Turin") };

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly AmdChain _chain;

    public SnpScene(SnpProduct product = SnpProduct.Milan, uint version = 3, bool vlek = false)
    {
        _chain = Chains[product.ToString()];
        bool turin = product == SnpProduct.Turin;
        byte[] chip = RandomNumberGenerator.GetBytes(64);
        BinaryPrimitives.WriteUInt32LittleEndian(Report, version);
        BinaryPrimitives.WriteUInt64LittleEndian(Report.AsSpan(0x08), 0x30000);
        BinaryPrimitives.WriteUInt32LittleEndian(Report.AsSpan(0x34), 1);
        Report[0x40] = 0x25;
        Report[0x48] = vlek ? (byte)4 : (byte)0;
        RandomNumberGenerator.Fill(Report.AsSpan(0x50, 0x110 - 0x50));
        RandomNumberGenerator.Fill(Report.AsSpan(0x140, 32));
        Report.AsSpan(0x160, 32).Fill(0xFF);
        if (version >= 3)
        {
            (Report[0x188], Report[0x189], Report[0x18A]) = product switch
            {
                SnpProduct.Milan => ((byte)0x19, (byte)0x01, (byte)1),
                SnpProduct.Genoa => ((byte)0x19, (byte)0x11, (byte)1),
                _ => ((byte)0x1A, (byte)0x02, (byte)1),
            };
        }

        chip.CopyTo(Report, 0x1A0);
        foreach (int offset in new[] { 0x38, 0x180, 0x1E0, 0x1F0 })
        {
            SetTcb(offset, new(3, 0, 8, 115, turin ? (byte)1 : (byte)0), turin);
        }

        (Report[0x1E8], Report[0x1E9], Report[0x1EA]) = (4, 55, 1);
        (Report[0x1EC], Report[0x1ED], Report[0x1EE]) = (4, 55, 1);
        Leaf = _chain.Leaf(_key, [3, 0, 8, 115], vlek ? null : turin ? chip[..8] : chip, vlek ? "example-cloud" : null, turin ? (byte)1 : null);
        Certificates = [Leaf, vlek ? _chain.Asvk : _chain.Ask, _chain.Ark];
        Crls = [_chain.Crl(Now.AddDays(-1), Now.AddDays(30))];
        Minimum = new(3, 0, 8, 115, turin ? (byte)1 : (byte)0);
        Product = product;
    }

    public static DateTimeOffset Now { get; } = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    public byte[] Report { get; } = new byte[SnpReport.Bytes];

    public SnpProduct Product { get; }

    public SnpTcb Minimum { get; set; }

    public byte[] Leaf { get; set; }

    public AmdChain Chain => _chain;

    public ECDsa Key => _key;

    public byte[] ChipId => Report[0x1A0..0x1E0];

    public List<byte[]> Certificates { get; set; }

    public List<byte[]> Crls { get; set; }

    public DateTimeOffset At { get; set; } = Now;

    /// <summary>The strict requirements that this scene meets.</summary>
    public EvidenceRequirements Requirements => new()
    {
        ReportData = Expected<ReadOnlyMemory<byte>>.OneOf(Report[0x50..0x90]),
        Policy = Expected<PolicyDigest>.OneOf(new PolicyDigest(Report[0xC0..0xE0], new byte[48])),
        Measurement = Expected<LaunchMeasurement>.OneOf(new LaunchMeasurement(Report[0x90..0xC0])),
        Snp = new() { MinimumTcb = ImmutableDictionary<SnpProduct, SnpTcb>.Empty.Add(Product, Minimum) },
    };

    public void SetTcb(int offset, SnpTcb tcb, bool turin = false) => BinaryPrimitives.WriteUInt64LittleEndian(
        Report.AsSpan(offset),
        turin
            ? tcb.Fmc | (ulong)tcb.BootLoader << 8 | (ulong)tcb.Tee << 16 | (ulong)tcb.Snp << 24 | (ulong)tcb.Microcode << 56
            : tcb.BootLoader | (ulong)tcb.Tee << 8 | (ulong)tcb.Snp << 48 | (ulong)tcb.Microcode << 56);

    public byte[] Sign()
    {
        byte[] signature = _key.SignData(Report.AsSpan(0, SnpReport.SignedBytes), HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        signature.AsSpan(0, 48).Reverse();
        signature.AsSpan(48).Reverse();
        signature.AsSpan(0, 48).CopyTo(Report.AsSpan(0x2A0));
        signature.AsSpan(48).CopyTo(Report.AsSpan(0x2E8));
        return Report;
    }

    /// <summary>Signs and verifies.</summary>
    public Verdict Verify(EvidenceRequirements? requirements = null)
    {
        Sign();
        return VerifyUnsigned(requirements);
    }

    /// <summary>Verifies the report as it is.</summary>
    public Verdict VerifyUnsigned(EvidenceRequirements? requirements = null) => EvidenceVerifier
        .Authenticate(LaunchEvidence.Parse(TeeKind.Snp, Report), new() { SnpCertificates = [.. Certificates], SnpCrls = [.. Crls] }, At, RootsOf(_chain))
        .Appraise(requirements ?? Requirements);

    public PinnedRoots Roots => RootsOf(_chain);

    private PinnedRoots RootsOf(AmdChain chain) => Product switch
    {
        SnpProduct.Milan => new() { Milan = chain.RootDigest, Genoa = new byte[32], Turin = new byte[32], Intel = new byte[32] },
        SnpProduct.Genoa => new() { Genoa = chain.RootDigest, Milan = new byte[32], Turin = new byte[32], Intel = new byte[32] },
        _ => new() { Turin = chain.RootDigest, Milan = new byte[32], Genoa = new byte[32], Intel = new byte[32] },
    };
}
