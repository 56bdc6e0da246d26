using System.Text.Json;
using Pavise.Attestation.Snp;

namespace Pavise.Attestation.Kbs;

/// <summary>A TCB_VERSION as a JSON object; <c>fmc</c> is a number on Turin, whose bytes have another order, and null before.</summary>
internal static class SnpTcbJson
{
    public static readonly (string Key, int Offset)[] Fields = [("current_tcb", 0x38), ("reported_tcb", 0x180), ("committed_tcb", 0x1E0), ("launch_tcb", 0x1F0)];

    /// <summary>Reads one. The processor decides the order of the bytes, and <c>fmc</c> must agree with it.</summary>
    public static ulong Read(JsonElement tcb, bool turin)
    {
        ulong boot = Part(tcb, "bootloader"), tee = Part(tcb, "tee"), snp = Part(tcb, "snp"), microcode = Part(tcb, "microcode");
        if (tcb.TryGetProperty("fmc", out JsonElement fmc) && fmc.ValueKind != JsonValueKind.Null)
        {
            return turin ? fmc.GetByte() | boot << 8 | tee << 16 | snp << 24 | microcode << 56 : throw new FormatException("fmc is for Turin only");
        }

        return turin ? throw new FormatException("fmc is missing") : boot | tee << 8 | snp << 48 | microcode << 56;
    }

    /// <summary>Writes one.</summary>
    /// <exception cref="EvidenceFormatException">Reserved bytes are set, which the form cannot express.</exception>
    public static void Write(Utf8JsonWriter json, ulong raw, bool turin)
    {
        SnpTcb tcb = SnpTcb.Read(raw, turin ? SnpProduct.Turin : SnpProduct.Milan) ?? throw new EvidenceFormatException($"reserved bytes of the TCB 0x{raw:x16} are set");
        json.WriteStartObject();
        if (turin)
        {
            json.WriteNumber("fmc", tcb.Fmc);
        }
        else
        {
            json.WriteNull("fmc");
        }

        json.WriteNumber("bootloader", tcb.BootLoader);
        json.WriteNumber("tee", tcb.Tee);
        json.WriteNumber("snp", tcb.Snp);
        json.WriteNumber("microcode", tcb.Microcode);
        json.WriteEndObject();
    }

    private static ulong Part(JsonElement tcb, string key) => tcb.GetProperty(key).GetByte();
}
