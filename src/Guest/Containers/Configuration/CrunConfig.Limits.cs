using System.Text.Json;
using Pavise.Policy.Plans;
using Pavise.Policy.Seccomp;

namespace Pavise.Guest.Containers.Configuration;

/// <summary>OCI <c>linux.resources</c> and <c>linux.seccomp</c>.</summary>
internal static partial class CrunConfig
{
    /// <summary>Character devices that a container may use: null, zero, full, random, urandom, tty, console, ptmx, and its ptys.</summary>
    private static readonly (long Major, long? Minor)[] Devices = [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2), (136, null)];

    private static void WriteResources(Utf8JsonWriter json, ContainerPlan plan, bool hasControllers)
    {
        json.WriteStartObject("resources");
        if (hasControllers)
        {
            WriteLimits(json, plan.Resources);
        }

        // Every mount but /dev is nodev. Only who may make device nodes there could reach a device, and needs the slower second fence.
        if (plan.Process.Capabilities.Contains("CAP_MKNOD"))
        {
            json.WriteStartArray("devices");
            WriteDevice(json, allow: false, null, null);
            foreach ((long major, long? minor) in Devices)
            {
                WriteDevice(json, allow: true, major, minor);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteLimits(Utf8JsonWriter json, ResourcesPlan limits)
    {
        if (limits.MemoryBytes is { } memory)
        {
            json.WriteStartObject("memory");
            json.WriteNumber("limit", memory);
            json.WriteEndObject();
        }

        if (limits.CpuQuotaUs is not null || limits.CpuPeriodUs is not null || limits.CpuShares is not null)
        {
            json.WriteStartObject("cpu");
            WriteOptional(json, "shares", (decimal?)limits.CpuShares);
            WriteOptional(json, "quota", limits.CpuQuotaUs);
            WriteOptional(json, "period", (decimal?)limits.CpuPeriodUs);
            json.WriteEndObject();
        }

        // Out of memory all of a container ends: which one of its processes does must be nobody's choice.
        json.WriteStartObject("unified");
        json.WriteString("memory.oom.group", "1");
        json.WriteEndObject();
        if (limits.Pids is { } pids)
        {
            json.WriteStartObject("pids");
            json.WriteNumber("limit", pids);
            json.WriteEndObject();
        }
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, decimal? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void WriteDevice(Utf8JsonWriter json, bool allow, long? major, long? minor)
    {
        json.WriteStartObject();
        json.WriteBoolean("allow", allow);
        if (allow)
        {
            json.WriteString("type", "c");
        }

        WriteOptional(json, "major", major);
        WriteOptional(json, "minor", minor);
        json.WriteString("access", "rwm");
        json.WriteEndObject();
    }

    private static void WriteSeccomp(Utf8JsonWriter json, SeccompPlan seccomp)
    {
        json.WritePropertyName("seccomp");
        SeccompJson.Write(json, seccomp);
    }
}
