using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Pavise.Policy;

namespace Pavise.Session.Admin;

/// <summary>Reads release rules strictly: a member that nobody knows would be a condition that nobody checks.</summary>
internal static class ReleaseRuleReader
{
    private static readonly string[] Kinds = ["snp", "tdx", "sim"];
    private static readonly string[] Products = ["milan", "genoa", "turin"];
    private static readonly string[] Statuses =
        ["UpToDate", "SWHardeningNeeded", "ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded", "OutOfDate", "OutOfDateConfigurationNeeded"];

    public static ReleaseRule Read(JsonElement root)
    {
        RuleValues.Only(
            root, "resource", "policy", "measurements", "anyMeasurement", "tees", "minimumTcb", "anyTcb", "noCollateral", "tdxStatuses", "workload", "releases", "instances");
        ReleaseRule rule = new()
        {
            Resource = Pattern(root.Text("resource", 3 * (ResourceNames.PartChars + 1))),
            Policy = PolicyDemand.Read(root.GetProperty("policy")),
            Measurements = [.. RuleValues.Texts(root, "measurements", 64, IsMeasurement, "96 hexadecimal digits, or five such with commas, registers also any")],
            AnyMeasurement = RuleValues.Flag(root, "anyMeasurement"),
            Tees = [.. RuleValues.Texts(root, "tees", 3, Kinds.Contains, "snp, tdx or sim").Distinct()],
            MinimumTcb = Tcbs(root),
            AnyTcb = RuleValues.Flag(root, "anyTcb"),
            NoCollateral = RuleValues.Flag(root, "noCollateral"),
            Workload = root.TryGetProperty("workload", out _) ? RuleValues.Name(root, "workload") : null,
            Releases = RuleValues.Count(root, "releases"),
            Instances = RuleValues.Count(root, "instances"),
        };
        if (rule.Tees is ["tdx"] && rule.Measurements.Any(m => !m.Contains(',')))
        {
            throw new SessionFormatException("of tdx one digest alone is the firmware, whatever kernel it starts: five with commas, registers that do not count are any");
        }

        string[] statuses = RuleValues.Texts(root, "tdxStatuses", 8, Statuses.Contains, "a name of Intel's TCB states but Revoked");
        return statuses.Length == 0 ? rule : rule with { TdxStatuses = [.. statuses] };
    }

    private static string Pattern(string text)
    {
        string[] parts = text.Split('/');
        return parts.Length == 3 && ResourceUri.TryParse(string.Join('/', parts.Select(p => p == "*" ? "x" : p)), out _)
            ? text
            : throw new SessionFormatException("resource must be repository/type/tag, each part a name or *");
    }

    private static bool IsMeasurement(string text)
    {
        string[] parts = text.Split(',');
        return parts.Length is 1 or 5 && RuleValues.IsHex(parts[0], 96) && parts.Skip(1).All(p => p == "any" || RuleValues.IsHex(p, 96));
    }

    private static ImmutableSortedDictionary<string, string> Tcbs(JsonElement root)
    {
        ImmutableSortedDictionary<string, string>.Builder tcbs = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (root.TryGetProperty("minimumTcb", out JsonElement value))
        {
            RuleValues.Only(value, Products);
            foreach (JsonProperty member in value.EnumerateObject())
            {
                string text = member.Value.GetString() ?? "";
                string[] parts = text.Split('.');
                tcbs.Add(member.Name, parts.Length is 4 or 5 && parts.All(p => byte.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out _)) ? text : throw new SessionFormatException("a minimum TCB is bootloader.tee.snp.microcode, for turin with .fmc"));
            }
        }

        return tcbs.ToImmutable();
    }
}
