using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pavise.Host.HostCalls;

/// <summary>
/// The simulated secure processor of the machines without a TEE: attestation reports in the format of AMD SEV-SNP (firmware ABI
/// specification, ATTESTATION_REPORT, version 2), signed with a development key that everybody can derive. They prove nothing, and no
/// verifier accepts the key unless its owner opted in.
/// </summary>
public sealed class SimulatedProcessor : IDisposable
{
    /// <summary>Bytes of a report.</summary>
    public const int ReportBytes = 1184;

    /// <summary>Bytes of REPORT_DATA.</summary>
    public const int ReportDataBytes = 64;

    /// <summary>Bytes of HOST_DATA.</summary>
    public const int HostDataBytes = 32;

    /// <summary>Bytes of MEASUREMENT.</summary>
    public const int MeasurementBytes = 48;

    private const int SignatureOffset = 0x2A0;
    private const int ScalarBytes = 48;
    private const int SignedScalarBytes = 72;

    private readonly ECDsa _key;
    private readonly byte[] _hostData, _measurement;

    /// <summary>Creates the processor of one pVM.</summary>
    /// <param name="hostData">What the launch bound, 32 bytes.</param>
    /// <param name="measurement">MEASUREMENT, 48 bytes (<see cref="SimulatedMeasurement"/>); empty: zeros.</param>
    public SimulatedProcessor(ReadOnlySpan<byte> hostData, ReadOnlySpan<byte> measurement = default)
    {
        if (hostData.Length != HostDataBytes)
        {
            throw new ArgumentException($"HOST_DATA has {HostDataBytes} bytes", nameof(hostData));
        }

        if (measurement.Length is not (0 or MeasurementBytes))
        {
            throw new ArgumentException($"MEASUREMENT has {MeasurementBytes} bytes", nameof(measurement));
        }

        _hostData = hostData.ToArray();
        _measurement = measurement.ToArray();
        _key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP384, D = SHA384.HashData("pavise development secure processor: not a secret"u8) });
    }

    /// <summary>The public half of the development key.</summary>
    public ECParameters PublicKey => _key.ExportParameters(includePrivateParameters: false);

    /// <summary>Makes a report.</summary>
    /// <param name="reportData">64 bytes of the guest's choice.</param>
    public byte[] Report(ReadOnlySpan<byte> reportData)
    {
        if (reportData.Length != ReportDataBytes)
        {
            throw new ArgumentException($"REPORT_DATA has {ReportDataBytes} bytes", nameof(reportData));
        }

        byte[] report = new byte[ReportBytes];
        Span<byte> r = report;
        BinaryPrimitives.WriteUInt32LittleEndian(r, 2); // version
        BinaryPrimitives.WriteUInt64LittleEndian(r[0x08..], 0x30000); // guest policy: SMT allowed, bit 17 always one
        BinaryPrimitives.WriteUInt32LittleEndian(r[0x34..], 1); // signature algorithm: ECDSA P-384 with SHA-384
        reportData.CopyTo(r[0x50..]);
        _measurement.CopyTo(r[0x90..]);
        _hostData.CopyTo(r[0xC0..]);
        RandomNumberGenerator.Fill(r.Slice(0x140, 32)); // report id
        r.Slice(0x160, 32).Fill(0xff); // no migration agent
        "pavise simulated secure processor"u8.CopyTo(r[0x1A0..]); // chip id
        Sign(r);
        return report;
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private void Sign(Span<byte> report)
    {
        byte[] signature = _key.SignData(report[..SignatureOffset], HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        signature.AsSpan(0, ScalarBytes).Reverse();
        signature.AsSpan(ScalarBytes).Reverse();
        signature.AsSpan(0, ScalarBytes).CopyTo(report[SignatureOffset..]);
        signature.AsSpan(ScalarBytes).CopyTo(report[(SignatureOffset + SignedScalarBytes)..]);
    }
}
