using System.Buffers.Binary;
using System.Text.Json;
using Pavise.Attestation.Snp;

namespace Pavise.Attestation.Kbs;

/// <summary>
/// A report as a JSON object of its fields, as Trustee's SNP attester writes it. Reading rebuilds the 1184 bytes, so that everything behind it works on what was
/// signed; a field that is missing or has another length is refused.
/// </summary>
internal static class SnpReportJson
{
    private static readonly (string Key, int Offset, int Length)[] Fields =
    [
        ("family_id", 0x10, 16), ("image_id", 0x20, 16), ("report_data", 0x50, 64), ("measurement", 0x90, 48), ("host_data", 0xC0, 32), ("id_key_digest", 0xE0, 48),
        ("author_key_digest", 0x110, 48), ("report_id", 0x140, 32), ("report_id_ma", 0x160, 32), ("chip_id", 0x1A0, 64),
    ];

    private const int CpuidOffset = 0x188, SignatureOffset = 0x2A0, ScalarBytes = 72;

    public static byte[] Read(JsonElement report)
    {
        byte[] bytes = new byte[SnpReport.Bytes];
        Span<byte> raw = bytes;
        uint version = report.GetProperty("version").GetUInt32();
        BinaryPrimitives.WriteUInt32LittleEndian(raw, version);
        BinaryPrimitives.WriteUInt32LittleEndian(raw[0x04..], report.GetProperty("guest_svn").GetUInt32());
        BinaryPrimitives.WriteUInt64LittleEndian(raw[0x08..], report.GetProperty("policy").GetUInt64());
        BinaryPrimitives.WriteUInt32LittleEndian(raw[0x30..], report.GetProperty("vmpl").GetUInt32());
        BinaryPrimitives.WriteUInt32LittleEndian(raw[0x34..], report.GetProperty("sig_algo").GetUInt32());
        BinaryPrimitives.WriteUInt64LittleEndian(raw[0x40..], report.GetProperty("plat_info").GetUInt64());
        BinaryPrimitives.WriteUInt32LittleEndian(raw[0x48..], report.GetProperty("key_info").GetUInt32());
        foreach ((string key, int offset, int length) in Fields)
        {
            JsonBytes.ReadExactly(report, key, length).CopyTo(raw[offset..]);
        }

        if (version >= 3)
        {
            raw[CpuidOffset] = report.GetProperty("cpuid_fam_id").GetByte();
            raw[CpuidOffset + 1] = report.GetProperty("cpuid_mod_id").GetByte();
            raw[CpuidOffset + 2] = report.GetProperty("cpuid_step").GetByte();
        }

        bool turin = IsTurin(version, raw[CpuidOffset], raw[CpuidOffset + 1]);
        foreach ((string key, int offset) in SnpTcbJson.Fields)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(raw[offset..], SnpTcbJson.Read(report.GetProperty(key), turin));
        }

        Firmware(report.GetProperty("current"), raw[0x1E8..]);
        Firmware(report.GetProperty("committed"), raw[0x1EC..]);
        if (version >= 5)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(raw[0x1F8..], report.GetProperty("launch_mit_vector").GetUInt64());
            BinaryPrimitives.WriteUInt64LittleEndian(raw[0x200..], report.GetProperty("current_mit_vector").GetUInt64());
        }

        JsonElement signature = report.GetProperty("signature");
        JsonBytes.ReadExactly(signature, "r", ScalarBytes).CopyTo(raw[SignatureOffset..]);
        JsonBytes.ReadExactly(signature, "s", ScalarBytes).CopyTo(raw[(SignatureOffset + ScalarBytes)..]);
        return bytes;
    }

    public static void Write(Utf8JsonWriter json, SnpReport report)
    {
        ReadOnlySpan<byte> raw = report.Raw.Span;
        json.WriteStartObject();
        json.WriteNumber("version", report.Version);
        json.WriteNumber("guest_svn", report.GuestSvn);
        json.WriteNumber("policy", report.Policy);
        json.WriteNumber("vmpl", report.Vmpl);
        json.WriteNumber("sig_algo", 1);
        json.WriteNumber("plat_info", report.PlatformInfo);
        json.WriteNumber("key_info", BinaryPrimitives.ReadUInt32LittleEndian(raw[0x48..]));
        foreach ((string key, int offset, int length) in Fields)
        {
            json.WritePropertyName(key);
            JsonBytes.Write(json, raw.Slice(offset, length));
        }

        bool turin = IsTurin(report.Version, report.CpuidFamily, report.CpuidModel);
        foreach ((string key, int offset) in SnpTcbJson.Fields)
        {
            json.WritePropertyName(key);
            SnpTcbJson.Write(json, BinaryPrimitives.ReadUInt64LittleEndian(raw[offset..]), turin);
        }

        Cpuid(json, "cpuid_fam_id", report.CpuidFamily, report.Version);
        Cpuid(json, "cpuid_mod_id", report.CpuidModel, report.Version);
        Cpuid(json, "cpuid_step", report.CpuidStepping, report.Version);
        Firmware(json, "current", report.CurrentFirmware);
        Firmware(json, "committed", report.CommittedFirmware);
        if (report.Version >= 5)
        {
            json.WriteNumber("launch_mit_vector", report.LaunchMitigations);
            json.WriteNumber("current_mit_vector", report.CurrentMitigations);
        }

        json.WriteStartObject("signature");
        json.WritePropertyName("r");
        JsonBytes.Write(json, raw.Slice(SignatureOffset, ScalarBytes));
        json.WritePropertyName("s");
        JsonBytes.Write(json, raw.Slice(SignatureOffset + ScalarBytes, ScalarBytes));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static bool IsTurin(uint version, byte family, byte model) => version >= 3 && SnpProducts.OfCpuid(family, model) == SnpProduct.Turin;

    private static void Firmware(JsonElement version, Span<byte> to)
    {
        to[0] = version.GetProperty("build").GetByte();
        to[1] = version.GetProperty("minor").GetByte();
        to[2] = version.GetProperty("major").GetByte();
    }

    private static void Firmware(Utf8JsonWriter json, string key, (byte Major, byte Minor, byte Build) version)
    {
        json.WriteStartObject(key);
        json.WriteNumber("major", version.Major);
        json.WriteNumber("minor", version.Minor);
        json.WriteNumber("build", version.Build);
        json.WriteEndObject();
    }

    private static void Cpuid(Utf8JsonWriter json, string key, byte value, uint version)
    {
        if (version >= 3)
        {
            json.WriteNumber(key, value);
        }
        else
        {
            json.WriteNull(key);
        }
    }
}
