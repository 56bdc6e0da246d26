using System.Collections.Immutable;
using Pavise.Attestation;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tdx;
using Pavise.Owner.Measurement;

namespace Pavise.Owner.Verification;

/// <summary>From the options of `pavise verify` to requirements.</summary>
internal sealed record Demands
{
    /// <summary>What --any knows.</summary>
    internal static readonly string[] Waivable = ["report-data", "policy", "measurement", "tcb", "platform", "revocation", "collateral"];

    private const int ReportDataBytes = 64;

    public required TeeKind Tee { get; init; }

    public string? ReportData { get; init; }

    public PolicyDigest? Policy { get; init; }

    public required IReadOnlyList<string> Measurements { get; init; }

    public required IReadOnlyList<string> MinimumTcbs { get; init; }

    public required IReadOnlyList<string> Statuses { get; init; }

    public required IReadOnlyList<string> Any { get; init; }

    public bool AllowDebug { get; init; }

    /// <exception cref="OwnerException">An option's value is malformed.</exception>
    internal EvidenceRequirements ToRequirements() => new()
    {
        Tees = [Tee],
        ReportData = Of<ReadOnlyMemory<byte>>("report-data", ReportData is null ? [] : [ReadReportData(ReportData)]),
        Policy = Of<PolicyDigest>("policy", Policy is null ? [] : [Policy]),
        Measurement = Of<LaunchMeasurement>("measurement", [.. Measurements.SelectMany(ReadMeasurement)]),
        Snp = new()
        {
            AllowDebug = AllowDebug,
            MinimumTcb = ReadTcbs(),
            AnyTcb = Any.Contains("tcb"),
            PlatformRequired = Any.Contains("platform") ? 0 : SnpRequirements.AliasCheckComplete,
            NoRevocationList = Any.Contains("revocation"),
        },
        Tdx = new()
        {
            AllowDebug = AllowDebug,
            NoCollateral = Any.Contains("collateral"),
            Statuses = Statuses.Count == 0 ? [TcbStatus.UpToDate] : [.. Statuses.Select(ReadStatus)],
        },
    };

    // A value that is given is compared, whatever is waived.
    private Expected<T> Of<T>(string name, T[] values) => values.Length > 0 ? Expected<T>.OneOf(values) : Any.Contains(name) ? Expected<T>.Any : default;

    private static ReadOnlyMemory<byte> ReadReportData(string text)
    {
        byte[] value = new byte[ReportDataBytes];
        try
        {
            byte[] given = Convert.FromHexString(text);
            given.CopyTo(value, 0);
            return given.Length <= ReportDataBytes ? value : throw new OwnerException($"--report-data has at most {ReportDataBytes} bytes");
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new OwnerException($"--report-data is at most {ReportDataBytes} bytes in hexadecimal", "zeros are added at the end", e);
        }
    }

    private IEnumerable<LaunchMeasurement> ReadMeasurement(string text)
    {
        try
        {
            return File.Exists(text) ? MeasurementFormat.Read(File.ReadAllBytes(text), Tee)
                : Tee == TeeKind.Tdx && !text.Contains(',', StringComparison.Ordinal) ? throw new FormatException("of tdx, MRTD alone is the firmware: five digests joined by commas, `any` where nothing is compared")
                : [MeasurementFormat.Parse(text)];
        }
        catch (FormatException e)
        {
            throw new OwnerException($"--measurement: {e.Message}", "a digest in hexadecimal, or a file of `pavise measure --json`", e);
        }
    }

    private ImmutableDictionary<SnpProduct, SnpTcb> ReadTcbs()
    {
        ImmutableDictionary<SnpProduct, SnpTcb>.Builder minima = ImmutableDictionary.CreateBuilder<SnpProduct, SnpTcb>();
        foreach ((SnpProduct product, SnpTcb tcb) in MinimumTcbs.Select(ReadTcb))
        {
            if (!minima.TryAdd(product, tcb))
            {
                throw new OwnerException($"--min-tcb names {product} twice");
            }
        }

        return minima.ToImmutable();
    }

    private static KeyValuePair<SnpProduct, SnpTcb> ReadTcb(string text)
    {
        string[] parts = text.Split('=');
        return parts.Length == 2 && Enum.TryParse(parts[0], ignoreCase: true, out SnpProduct product) && Enum.IsDefined(product) && SnpTcb.Find(parts[1]) is { } tcb
            ? new(product, tcb)
            : throw new OwnerException($"--min-tcb: `{text}` is no minimum", "such as milan=3.0.8.115: boot loader, TEE, SNP, microcode, on Turin FMC behind");
    }

    private static TcbStatus ReadStatus(string text) =>
        TcbStatuses.Find(text) ?? throw new OwnerException($"--accept-status: `{text}` is no status", string.Join(", ", Enum.GetNames<TcbStatus>()));
}
