using System.Globalization;
using System.Text.Json;
using Pavise.Attestation.Launch;

namespace Pavise.Attestation.Tests;

/// <summary>The launch digests that other implementations publish.</summary>
public sealed class KnownAnswerTests
{
    private static SnpFirmware Firmware => SnpFirmware.Read(Vectors.Read("measurement/ovmf_AmdSev_suffix.bin"));

    private static JsonElement Answers()
    {
        using JsonDocument document = JsonDocument.Parse(Vectors.Read("measurement/known-answers.json"));
        return document.RootElement.Clone();
    }

    [Fact]
    public void Each_published_launch_digest_is_computed()
    {
        int seen = 0;
        foreach (JsonElement answer in Answers().GetProperty("launch_digests").EnumerateArray())
        {
            SnpLaunch launch = new()
            {
                Firmware = Firmware,
                Vcpus = answer.GetProperty("vcpus").GetInt32(),
                CpuidSignature = VcpuTypes.Signature(answer.GetProperty("vcpu_type").GetString()!)!.Value,
                Features = ulong.Parse(answer.GetProperty("sev_features").GetString()![2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                Vmm = answer.GetProperty("vmm").GetString() == "ec2" ? SnpVmm.Ec2 : SnpVmm.Qemu,
                Boot = answer.GetProperty("kernel").ValueKind == JsonValueKind.Null ? null : BootHashes.Of([], [], answer.GetProperty("cmdline").GetString() ?? ""),
            };
            Assert.Equal(answer.GetProperty("expected_launch_digest").GetString(), Convert.ToHexStringLower(launch.Digest().Span));
            seen++;
        }

        Assert.Equal(5, seen);
    }

    [Fact]
    public void The_published_digest_of_the_firmware_alone_is_computed()
    {
        SnpLaunch launch = new() { Firmware = Firmware, Vcpus = 1, CpuidSignature = 0 };
        Assert.Equal(
            Answers().GetProperty("firmware_only")[0].GetProperty("expected_digest_after_firmware_pages").GetString(), Convert.ToHexStringLower(launch.FirmwareDigest().Span));
    }
}
