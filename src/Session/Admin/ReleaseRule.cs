using System.Collections.Immutable;
using System.Text.Json;

namespace Pavise.Session.Admin;

/// <summary>
/// To whom a resource is released. Everything that is named must hold; what is not named refuses: without a policy, a measurement or a kind of evidence a rule
/// releases to nobody, and a resource without a rule is released to nobody. JSON form: docs/key-broker.md.
/// </summary>
public sealed record ReleaseRule
{
    /// <summary>Which resources: <c>a/b/c</c>, each part literal or <c>*</c>.</summary>
    public required string Resource { get; init; }

    /// <summary>The policy that the launch binds.</summary>
    public required PolicyDemand Policy { get; init; }

    /// <summary>Launch measurements, hexadecimal: MEASUREMENT, or <c>mrtd,rtmr0,rtmr1,rtmr2,rtmr3</c> with <c>any</c> for a register that does not count. Empty: nobody.</summary>
    public ImmutableArray<string> Measurements { get; init; } = [];

    /// <summary>Explicitly any measurement: for trying, since then nothing is known of what was launched.</summary>
    public bool AnyMeasurement { get; init; }

    /// <summary>Kinds of evidence: snp, tdx, sim.</summary>
    public ImmutableArray<string> Tees { get; init; } = [];

    /// <summary>SNP: lowest TCB by generation (milan, genoa, turin), <c>bootloader.tee.snp.microcode[.fmc]</c>.</summary>
    public ImmutableSortedDictionary<string, string> MinimumTcb { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>SNP: explicitly any TCB of a generation without a minimum.</summary>
    public bool AnyTcb { get; init; }

    /// <summary>SNP and TDX: explicitly do without revocation lists and TCB info where the broker has none.</summary>
    public bool NoCollateral { get; init; }

    /// <summary>TDX: accepted platform states, by Intel's names.</summary>
    public ImmutableArray<string> TdxStatuses { get; init; } = ["UpToDate"];

    /// <summary>The name that the policy must have, or null.</summary>
    public string? Workload { get; init; }

    /// <summary>How many times per policy version it is released, each time to another key; null for any number.</summary>
    public int? Releases { get; init; }

    /// <summary>How many instances may be alive at once: each needs a lease first; null for any number.</summary>
    public int? Instances { get; init; }

    /// <summary>Whether the rule speaks of a resource.</summary>
    public bool Covers(ResourceUri resource)
    {
        string[] parts = Resource.Split('/');
        return Fits(parts[0], resource.Repository) && Fits(parts[1], resource.Type) && Fits(parts[2], resource.Tag);
    }

    /// <summary>Writes the rule.</summary>
    public byte[] Write() => SessionJson.Write(WriteTo);

    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("resource", Resource);
        json.WritePropertyName("policy");
        Policy.WriteTo(json);
        WriteList(json, "measurements", Measurements);
        json.WriteBoolean("anyMeasurement", AnyMeasurement);
        WriteList(json, "tees", Tees);
        json.WriteStartObject("minimumTcb");
        foreach ((string product, string tcb) in MinimumTcb)
        {
            json.WriteString(product, tcb);
        }

        json.WriteEndObject();
        json.WriteBoolean("anyTcb", AnyTcb);
        json.WriteBoolean("noCollateral", NoCollateral);
        WriteList(json, "tdxStatuses", TdxStatuses);
        if (Workload is not null)
        {
            json.WriteString("workload", Workload);
        }

        if (Releases is { } releases)
        {
            json.WriteNumber("releases", releases);
        }

        if (Instances is { } instances)
        {
            json.WriteNumber("instances", instances);
        }

        json.WriteEndObject();
    }

    /// <summary>Reads a rule; a member that is not known is an error.</summary>
    /// <exception cref="SessionFormatException">What is wrong with it.</exception>
    public static ReleaseRule Parse(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.RequestBytes, "a release rule", ReleaseRuleReader.Read);

    private static bool Fits(string pattern, string part) => pattern == "*" || pattern == part;

    private static void WriteList(Utf8JsonWriter json, string name, ImmutableArray<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
