using System.Globalization;
using System.Text.Json;
using Pavise.Host.Configuration;

namespace Pavise.Host.Visor;

/// <summary>
/// Memory and processors of a pVM: what the policy's <c>sandbox</c> says, else the node's configuration. The host reads the policy for its own
/// planning only; what a malformed one means is for the guest to say.
/// </summary>
/// <param name="MemoryMib">Memory in MiB.</param>
/// <param name="Cpus">Virtual processors.</param>
internal readonly record struct PvmSize(uint MemoryMib, uint Cpus)
{
    // Below this the guest's kernel and initial RAM disk do not come up.
    private const ulong LeastMib = 128;
    private const ulong MostMib = 1024 * 1024;
    private const double MostCpus = 255;
    private const ulong Mib = 1 << 20;

    private static readonly (string Suffix, int Shift)[] Units = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40)];

    /// <summary>The size for a policy.</summary>
    /// <param name="policy">Canonical JSON; may be empty.</param>
    /// <param name="configuration">What applies where the policy says nothing.</param>
    public static PvmSize Of(ReadOnlyMemory<byte> policy, QemuConfiguration configuration)
    {
        PvmSize size = new((uint)configuration.MemoryMib, (uint)configuration.Cpus);
        if (policy.IsEmpty)
        {
            return size;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(policy);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("sandbox", out JsonElement sandbox) || sandbox.ValueKind != JsonValueKind.Object)
            {
                return size;
            }

            if (sandbox.TryGetProperty("memory", out JsonElement memory) && Bytes(memory) is { } bytes)
            {
                size = size with { MemoryMib = (uint)Math.Clamp((bytes + Mib - 1) / Mib, LeastMib, MostMib) };
            }

            return sandbox.TryGetProperty("cpus", out JsonElement cpus) && cpus.ValueKind == JsonValueKind.Number && cpus.TryGetDouble(out double count) && count > 0
                ? size with { Cpus = (uint)Math.Min(Math.Ceiling(count), MostCpus) }
                : size;
        }
        catch (JsonException)
        {
            return size;
        }
    }

    private static ulong? Bytes(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            return value.TryGetUInt64(out ulong plain) ? Math.Min(plain, MostMib * Mib) : null;
        }

        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        (string? suffix, int shift) = Array.Find(Units, u => text.EndsWith(u.Suffix, StringComparison.Ordinal));
        return ulong.TryParse(suffix is null ? text : text[..^suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            ? Math.Min(number, (MostMib * Mib) >> shift) << shift
            : null;
    }
}
