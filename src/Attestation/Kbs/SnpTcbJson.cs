using System.Text.Json;

namespace Pavise.Attestation.Kbs;

/// <summary>A TCB_VERSION as a JSON object; <c>fmc</c> is a number on Turin, whose bytes have another order, and null before.</summary>
internal static class SnpTcbJson
{
    public static readonly (string Key, int Offset)[] Fields = [("current_tcb", 0x38), ("reported_tcb", 0x180), ("committed_tcb", 0x1E0), ("launch_tcb", 0x1F0)];

    public static ulong Read(JsonElement tcb)
    {
        ulong boot = Part(tcb, "bootloader"), tee = Part(tcb, "tee"), snp = Part(tcb, "snp"), microcode = Part(tcb, "microcode");
        return tcb.TryGetProperty("fmc", out JsonElement fmc) && fmc.ValueKind != JsonValueKind.Null
            ? fmc.GetByte() | boot << 8 | tee << 16 | snp << 24 | microcode << 56
            : boot | tee << 8 | snp << 48 | microcode << 56;
    }

    public static void Write(Utf8JsonWriter json, ulong raw, bool turin)
    {
        byte At(int index) => (byte)(raw >> (8 * index));
        json.WriteStartObject();
        if (turin)
        {
            json.WriteNumber("fmc", At(0));
        }
        else
        {
            json.WriteNull("fmc");
        }

        json.WriteNumber("bootloader", At(turin ? 1 : 0));
        json.WriteNumber("tee", At(turin ? 2 : 1));
        json.WriteNumber("snp", At(turin ? 3 : 6));
        json.WriteNumber("microcode", At(7));
        json.WriteEndObject();
    }

    private static ulong Part(JsonElement tcb, string key) => tcb.GetProperty(key).GetByte();
}
