using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Pavise.Attestation;
using Pavise.Attestation.Kbs;
using Pavise.Attestation.Simulated;
using Pavise.Session.Client;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Tests.Support;

/// <summary>A guest on a machine without a TEE: reports as the simulated secure processor makes them.</summary>
internal sealed record SimulatedGuest(string Policy)
{
    public static readonly string GoodMeasurement = Convert.ToHexStringLower(SHA384.HashData("the guest image"u8));

    // Making the key costs as much as a signature.
    [ThreadStatic]
    private static ECDsa? _key;

    public string Measurement { get; init; } = GoodMeasurement;

    public bool Debug { get; init; }

    public byte[] HostData { get; init; } = SHA256.HashData(Encoding.UTF8.GetBytes(Policy));

    public bool ShowPolicy { get; init; } = true;

    public AttestParameters Parameters => new("sim", ShowPolicy ? new InitData("json", Policy) : null, (reportData, _) => Task.FromResult<ReadOnlyMemory<byte>>(Evidence(reportData.Span)));

    public byte[] Evidence(ReadOnlySpan<byte> reportData) => EvidenceJson.Write(LaunchEvidence.Parse(TeeKind.Simulated, Report(reportData)));

    public byte[] Report(ReadOnlySpan<byte> reportData)
    {
        byte[] report = Unsigned(reportData);
        byte[] signature = (_key ??= SimulatedKey.Create()).SignData(report.AsSpan(0, 0x2A0), HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        signature.AsSpan(0, 48).Reverse();
        signature.AsSpan(48).Reverse();
        signature.AsSpan(0, 48).CopyTo(report.AsSpan(0x2A0));
        signature.AsSpan(48).CopyTo(report.AsSpan(0x2E8));
        return report;
    }

    /// <summary>The report with zeros in the place of its signature.</summary>
    public byte[] Unsigned(ReadOnlySpan<byte> reportData)
    {
        byte[] report = new byte[1184];
        Span<byte> r = report;
        BinaryPrimitives.WriteUInt32LittleEndian(r, 2);
        BinaryPrimitives.WriteUInt64LittleEndian(r[0x08..], Debug ? 0xB0000u : 0x30000u);
        BinaryPrimitives.WriteUInt32LittleEndian(r[0x34..], 1);
        reportData.CopyTo(r[0x50..]);
        Convert.FromHexString(Measurement).CopyTo(r[0x90..]);
        HostData.CopyTo(r[0xC0..]);
        RandomNumberGenerator.Fill(r.Slice(0x140, 32));
        r.Slice(0x160, 32).Fill(0xff);
        SimulatedKey.ChipId.CopyTo(r[0x1A0..]);
        return report;
    }
}
