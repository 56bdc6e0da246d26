using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Pavise.Attestation.Snp;

namespace Pavise.Attestation.Tests;

public sealed class SnpReportTests
{
    [Fact]
    public void The_recorded_report_of_a_confidential_container_binds_its_policy_in_HOST_DATA()
    {
        Vectors.SkipWithout();
        SnpReport report = SnpReport.Parse(Vectors.Read("snp/azure-aci/snp_report.bin"));
        byte[] policy = Convert.FromBase64String(Encoding.ASCII.GetString(Vectors.Read("snp/azure-aci/uvm_security_policy.base64")).Trim());

        Assert.Equal(2u, report.Version);
        Assert.Equal(0u, report.Vmpl);
        Assert.Equal(SHA256.HashData(policy), report.HostData.ToArray());
    }

    [Fact]
    public void Each_recorded_report_parses_and_keeps_its_bytes()
    {
        Vectors.SkipWithout();
        foreach (string file in new[] { "azure-aci/snp_report.bin", "trustee/test-report.bin", "go-sev-guest/attestation.bin", "trustee-e2e/report.bin" })
        {
            byte[] bytes = Vectors.Read("snp/" + file);
            Assert.Equal(bytes, SnpReport.Parse(bytes).Raw.ToArray());
        }
    }

    [Fact]
    public void Fields_are_read_from_the_offsets_of_the_specification()
    {
        byte[] bytes = Reports.Minimal();
        Encoding.ASCII.GetBytes("report data").CopyTo(bytes, 0x50);
        bytes[0x90] = 1;
        bytes[0xC0] = 2;
        bytes[0x1A0] = 3;
        bytes[0x2A0] = 4;
        bytes[0x2E8] = 5;
        SnpReport report = SnpReport.Parse(bytes);
        Assert.StartsWith("report data", Encoding.ASCII.GetString(report.ReportData.Span), StringComparison.Ordinal);
        Assert.Equal((1, 2, 3), (report.Measurement.Span[0], report.HostData.Span[0], report.ChipId.Span[0]));
        Assert.Equal((4, 5), (report.SignatureP1363[47], report.SignatureP1363[95]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1183)]
    [InlineData(1185)]
    public void Another_length_is_refused(int length) => Assert.Throws<EvidenceFormatException>(() => SnpReport.Parse(new byte[length]));

    [Theory]
    [InlineData(0, 4)]
    [InlineData(0, 6)]
    [InlineData(0x34, 2)]
    [InlineData(0x2A0 + 48, 1)]
    [InlineData(0x2E8 + 71, 1)]
    [InlineData(0x330, 1)]
    [InlineData(0x49F, 1)]
    public void An_unknown_version_or_algorithm_or_a_set_reserved_byte_is_refused(int offset, byte value)
    {
        byte[] bytes = Reports.Minimal();
        bytes[offset] = value;
        Assert.Throws<EvidenceFormatException>(() => SnpReport.Parse(bytes));
    }

    [Fact]
    public void Arbitrary_bytes_either_parse_to_themselves_or_are_refused()
    {
        Gen.Byte.Array[0, 1300].Sample(bytes =>
        {
            try
            {
                return SnpReport.Parse(bytes).Raw.Span.SequenceEqual(bytes);
            }
            catch (EvidenceFormatException)
            {
                return true;
            }
        });
        Gen.Select(Gen.Int[0, SnpReport.Bytes - 1], Gen.Byte).Sample((offset, value) =>
        {
            byte[] bytes = Reports.Minimal();
            bytes[offset] = value;
            bool mustRefuse = (offset < 4 && BitConverter.ToUInt32(bytes) is not (2 or 3 or 5))
                || (offset is >= 0x34 and < 0x38 && BitConverter.ToUInt32(bytes, 0x34) != 1)
                || (offset == 0x48 && ((value & 0xE0) != 0 || (value >> 2 & 7) is not (0 or 1 or 7)))
                || (value != 0 && offset is (>= 0x49 and < 0x50) or (>= 0x188 and < 0x1A0) or 0x1EB or 0x1EF or (>= 0x1F8 and < 0x2A0) or (>= 0x2A0 + 48 and < 0x2E8) or >= 0x2E8 + 48 && value != 0);
            try
            {
                SnpReport.Parse(bytes);
                return !mustRefuse;
            }
            catch (EvidenceFormatException)
            {
                return mustRefuse;
            }
        });
    }
}
