using System.Collections.Immutable;

namespace Pavise.Policy.Oci;

/// <summary>An OCI linux.resources object (config-linux.md, Control groups).</summary>
public sealed record OciResources
{
    // Everything of the specification beyond the limits below. Its absence from the plan is the point; its names are here for the audit.
    private static readonly string[] NoEffect = ["blockIO", "hugepageLimits", "network", "rdma", "unified"];
    private static readonly string[] MemoryNoEffect = ["reservation", "swap", "kernel", "kernelTCP", "swappiness", "disableOOMKiller", "useHierarchy", "checkBeforeUpdate"];
    private static readonly string[] CpuNoEffect = ["burst", "realtimeRuntime", "realtimePeriod", "cpus", "mems", "idle"];

    /// <summary>Nothing asked.</summary>
    public static OciResources None { get; } = new();

    /// <summary>memory.limit, or null; -1 is unlimited.</summary>
    public long? MemoryLimit { get; init; }
    /// <summary>cpu.shares, or null.</summary>
    public ulong? CpuShares { get; init; }
    /// <summary>cpu.quota in microseconds, or null; -1 is unlimited.</summary>
    public long? CpuQuota { get; init; }
    /// <summary>cpu.period in microseconds, or null.</summary>
    public ulong? CpuPeriod { get; init; }
    /// <summary>pids.limit, or null; -1 is unlimited.</summary>
    public long? Pids { get; init; }
    /// <summary>devices: rules of the device cgroup that allow something beyond the standard devices.</summary>
    public ImmutableArray<OciDeviceRule> DeviceRules { get; init; } = [];
    /// <summary>Members of the specification that say something and never have an effect.</summary>
    public ImmutableArray<string> Ignored { get; init; } = [];
    /// <summary>Paths of members that the specification does not have.</summary>
    public ImmutableArray<string> Unknown { get; init; } = [];

    /// <summary>Parses a raw resources object.</summary>
    /// <exception cref="OciFormatException">Says which field is malformed.</exception>
    public static OciResources Parse(ReadOnlySpan<byte> utf8)
    {
        List<string> unknown = [];
        OciObject root = OciObject.Root(utf8, unknown);
        OciResources resources = Read(ref root);
        root.Close();
        return unknown.Count == 0 ? resources : resources with { Unknown = [.. unknown] };
    }

    internal static OciResources Read(ref OciObject o)
    {
        List<string> ignored = [];
        foreach (string key in NoEffect)
        {
            if (o.Says(key))
            {
                ignored.Add(key);
            }
        }

        Memory? memory = o.Child("memory", (ref OciObject m) => new Memory(m.Signed("limit"), Collect(ref m, "memory", MemoryNoEffect, ignored)));
        Cpu? cpu = o.Child("cpu", (ref OciObject c) => new Cpu(c.Unsigned("shares"), c.Signed("quota"), c.Unsigned("period"), Collect(ref c, "cpu", CpuNoEffect, ignored)));
        Limit? pids = o.Child("pids", (ref OciObject p) => new Limit(p.Signed("limit")));
        return new()
        {
            MemoryLimit = memory?.Bytes,
            CpuShares = cpu?.Shares,
            CpuQuota = cpu?.Quota,
            CpuPeriod = cpu?.Period,
            Pids = pids?.Value,
            DeviceRules = o.List("devices", OciDeviceRule.Read),
            Ignored = ignored.Count == 0 ? [] : [.. ignored],
        };
    }

    private static bool Collect(ref OciObject o, string parent, string[] keys, List<string> ignored)
    {
        int before = ignored.Count;
        foreach (string key in keys)
        {
            if (o.Says(key))
            {
                ignored.Add($"{parent}.{key}");
            }
        }

        return ignored.Count > before;
    }

    private sealed record Memory(long? Bytes, bool More);

    private sealed record Cpu(ulong? Shares, long? Quota, ulong? Period, bool More);

    private sealed record Limit(long? Value);
}

/// <summary>One rule of the device cgroup.</summary>
/// <param name="Allow">allow.</param>
/// <param name="Type">type: a, b, c; empty when absent.</param>
/// <param name="Major">major, or null for any.</param>
/// <param name="Minor">minor, or null for any.</param>
/// <param name="Access">access: r, w, m.</param>
public readonly record struct OciDeviceRule(bool Allow, string Type, long? Major, long? Minor, string Access)
{
    internal static OciDeviceRule Read(ref OciObject o) => new(o.Flag("allow") ?? false, o.Text("type") ?? "", o.Signed("major"), o.Signed("minor"), o.Text("access") ?? "");
}
