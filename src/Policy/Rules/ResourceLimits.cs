using Pavise.Policy.Model;
using Pavise.Policy.Oci;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Rules;

/// <summary>The host's limits against the policy's maximums.</summary>
internal static class ResourceLimits
{
    private const ulong DefaultPeriodUs = 100_000, ShortestPeriodUs = 1000, LongestPeriodUs = 1_000_000;
    private const ulong FewestShares = 2, MostShares = 262_144;

    /// <summary>Engines write 0 for a limit that nobody asked for.</summary>
    private static OciResources Asked(OciResources o) => o with
    {
        MemoryLimit = o.MemoryLimit is 0 ? null : o.MemoryLimit,
        Pids = o.Pids is 0 ? null : o.Pids,
        CpuQuota = o.CpuQuota is 0 ? null : o.CpuQuota,
        CpuPeriod = o.CpuPeriod is 0 ? null : o.CpuPeriod,
    };

    /// <summary>The first limit that is above its maximum (or unlimited, or malformed); null when all are within. A limit without a maximum is none of the host's.</summary>
    public static string? Above(OciResources asked, ResourceMaximums most)
    {
        asked = Asked(asked);
        if (asked.MemoryLimit is { } memory && most.MemoryBytes is { } memoryMost && (memory <= 0 || (ulong)memory > memoryMost))
        {
            return "memory.limit";
        }

        if (asked.Pids is { } pids && most.Pids is { } pidsMost && (pids <= 0 || pids > pidsMost))
        {
            return "pids.limit";
        }

        if (most.MilliCpus is { } cpus && (asked.CpuQuota is not null || asked.CpuPeriod is not null))
        {
            ulong period = asked.CpuPeriod ?? DefaultPeriodUs;
            if (period is < ShortestPeriodUs or > LongestPeriodUs || (asked.CpuQuota is { } quota && (quota <= 0 || (UInt128)quota * 1000 > (UInt128)period * (ulong)cpus)))
            {
                return "cpu.quota";
            }
        }

        return null;
    }

    /// <summary>The effective limits of a new container: the host's where it asks within the maximums, else the maximums themselves.</summary>
    public static ResourcesPlan Effective(OciResources asked, ResourceMaximums most) => EffectiveOf(Asked(asked), most);

    private static ResourcesPlan EffectiveOf(OciResources asked, ResourceMaximums most) => new()
    {
        MemoryBytes = most.MemoryBytes is { } memory ? (ulong?)asked.MemoryLimit ?? memory : null,
        Pids = most.Pids is { } pids ? asked.Pids ?? pids : null,
        CpuPeriodUs = most.MilliCpus is null ? null : asked.CpuPeriod ?? DefaultPeriodUs,
        CpuQuotaUs = most.MilliCpus is { } cpus ? asked.CpuQuota ?? (long)((asked.CpuPeriod ?? DefaultPeriodUs) * (ulong)cpus / 1000) : null,
        CpuShares = most.MilliCpus is not null && asked.CpuShares is >= FewestShares and <= MostShares ? asked.CpuShares : null,
    };

    /// <summary>The change that an update makes: only what is asked and has a maximum.</summary>
    public static ResourcesPlan Changed(OciResources asked, ResourceMaximums most) => ChangedOf(Asked(asked), most);

    private static ResourcesPlan ChangedOf(OciResources asked, ResourceMaximums most) => new()
    {
        MemoryBytes = most.MemoryBytes is null ? null : (ulong?)asked.MemoryLimit,
        Pids = most.Pids is null ? null : asked.Pids,
        CpuPeriodUs = most.MilliCpus is null || asked.CpuQuota is null ? null : asked.CpuPeriod ?? DefaultPeriodUs,
        CpuQuotaUs = most.MilliCpus is null ? null : asked.CpuQuota,
        CpuShares = most.MilliCpus is not null && asked.CpuShares is >= FewestShares and <= MostShares ? asked.CpuShares : null,
    };

    /// <summary>Notes limits that have no effect, since the policy has no maximum for them.</summary>
    public static void Compare(Findings findings, OciResources asked, ResourceMaximums most, string prefix)
    {
        Note(findings, prefix, "memory.limit", asked.MemoryLimit is > 0 && most.MemoryBytes is null);
        Note(findings, prefix, "pids.limit", asked.Pids is > 0 && most.Pids is null);
        Note(findings, prefix, "cpu.quota", asked.CpuQuota is > 0 && most.MilliCpus is null);
        Note(findings, prefix, "cpu.shares", asked.CpuShares is > 0 && most.MilliCpus is null);
        foreach (string member in asked.Ignored.Concat(asked.Unknown))
        {
            Note(findings, prefix, member, true);
        }

        // Rules that only let a device node be made, or open the standard devices, are what every engine sends.
        foreach (OciDeviceRule rule in asked.DeviceRules.Where(r => r.Allow && r.Access != "m" && !Devices.IsStandardRule(r)))
        {
            findings.Add($"{prefix}devices", "process", more: rule.Type is "" or "a" || rule.Major is null || rule.Minor is null || !Devices.IsStandard(rule.Major.Value, rule.Minor.Value));
        }
    }

    private static void Note(Findings findings, string prefix, string field, bool noted)
    {
        if (noted)
        {
            findings.Add(prefix + field, "resources", more: false);
        }
    }
}
