using System.Buffers.Binary;
using System.Collections.Immutable;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Attestation.Tests;

/// <summary>Each check of SNP evidence on a synthetic platform: everything right is accepted, one thing wrong is refused by the check that is about it.</summary>
public sealed class SnpVerificationTests
{
    private static SnpRequirements Snp(SnpScene scene) => scene.Requirements.Snp;

    private static void RefusedBy(Verdict verdict, params string[] names)
    {
        Assert.False(verdict.Accepted);
        Assert.Equal(names.Order(StringComparer.Ordinal), verdict.Refusals.Select(c => c.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(SnpProduct.Milan, 2u, false)]
    [InlineData(SnpProduct.Milan, 3u, false)]
    [InlineData(SnpProduct.Genoa, 3u, true)]
    [InlineData(SnpProduct.Genoa, 5u, false)]
    [InlineData(SnpProduct.Turin, 5u, false)]
    [InlineData(SnpProduct.Turin, 3u, true)]
    public void A_right_report_is_accepted_under_the_strict_requirements(SnpProduct product, uint version, bool vlek)
    {
        SnpScene scene = new(product, version, vlek);
        Verdict verdict = scene.Verify();
        Assert.True(verdict.Accepted, string.Join('\n', verdict.Refusals));
        Assert.Equal(product, verdict.Claims!.Product);
        Assert.Equal(vlek ? "example-cloud" : null, verdict.Claims.CloudProvider);
        Assert.Equal(CheckNames.Snp, verdict.Checks.Select(c => c.Name));
    }

    [Fact]
    public void Without_any_expectation_nothing_is_accepted()
    {
        RefusedBy(
            new SnpScene().Verify(new()),
            CheckNames.ReportData, CheckNames.Policy, CheckNames.Measurement, CheckNames.SnpTcbReported, CheckNames.SnpTcbCommitted, CheckNames.SnpTcbLaunch);
    }

    [Fact]
    public void An_empty_list_of_accepted_values_accepts_nothing() => RefusedBy(
        new SnpScene() is var scene ? scene.Verify(scene.Requirements with { Measurement = Expected<LaunchMeasurement>.OneOf() }) : null!, CheckNames.Measurement);

    [Fact]
    public void The_roots_of_the_vendors_do_not_know_a_synthetic_chain()
    {
        SnpScene scene = new();
        scene.Sign();
        Verdict verdict = EvidenceVerifier.Verify(
            LaunchEvidence.Parse(TeeKind.Snp, scene.Report), new() { SnpCertificates = [.. scene.Certificates], SnpCrls = [.. scene.Crls] }, scene.Requirements, SnpScene.Now);
        verdict.Has(CheckNames.SnpChainRoot, CheckStatus.Failed);
        Assert.False(verdict.Accepted);
    }

    public static TheoryData<string, int, string> WrongValues => new()
    {
        { "report data", 0x50, CheckNames.ReportData },
        { "report data's end", 0x8F, CheckNames.ReportData },
        { "measurement", 0x90, CheckNames.Measurement },
        { "host data", 0xDF, CheckNames.Policy },
        { "VMPL", 0x30, CheckNames.Vmpl },
    };

    [Theory]
    [MemberData(nameof(WrongValues))]
    public void A_value_that_is_not_the_expected_one_is_refused_by_its_check(string what, int offset, string check)
    {
        SnpScene scene = new();
        EvidenceRequirements requirements = scene.Requirements;
        scene.Report[offset] ^= 1;
        Verdict verdict = scene.Verify(requirements);
        Assert.True(verdict.Refusals.Single().Name == check, $"{what}: {verdict}");
    }

    [Fact]
    public void Each_policy_bit_is_refused_unless_it_is_allowed()
    {
        (int Bit, string Check, Func<SnpRequirements, SnpRequirements> Allow)[] bits =
        [
            (18, CheckNames.GuestPolicyMigration, r => r with { AllowMigration = true }),
            (19, CheckNames.GuestPolicyDebug, r => r with { AllowDebug = true }),
        ];
        foreach ((int bit, string check, Func<SnpRequirements, SnpRequirements> allow) in bits)
        {
            SnpScene scene = new();
            BinaryPrimitives.WriteUInt64LittleEndian(scene.Report.AsSpan(0x08), 0x30000 | 1UL << bit);
            RefusedBy(scene.Verify(), check);
            Assert.True(scene.Verify(scene.Requirements with { Snp = allow(Snp(scene)) }).Accepted);
        }
    }

    [Theory]
    [InlineData(0UL, "bit 17 must be one")]
    [InlineData(0x30000UL | 1UL << 26, "reserved")]
    [InlineData(0x30000UL | 1UL << 63, "reserved")]
    public void A_malformed_guest_policy_is_refused(ulong policy, string why)
    {
        SnpScene scene = new();
        BinaryPrimitives.WriteUInt64LittleEndian(scene.Report.AsSpan(0x08), policy);
        Verdict verdict = scene.Verify();
        Assert.True(verdict.Of(CheckNames.GuestPolicyForm).Status == CheckStatus.Failed, why);
    }

    [Fact]
    public void SMT_single_socket_and_ABI_are_demanded_where_the_owner_demands_them()
    {
        SnpScene scene = new();
        RefusedBy(scene.Verify(scene.Requirements with { Snp = Snp(scene) with { AllowSmt = false } }), CheckNames.GuestPolicySmt);
        RefusedBy(scene.Verify(scene.Requirements with { Snp = Snp(scene) with { RequireSingleSocket = true } }), CheckNames.GuestPolicySocket);
        RefusedBy(scene.Verify(scene.Requirements with { Snp = Snp(scene) with { MinimumAbi = (1, 51) } }), CheckNames.GuestPolicyAbi);
        BinaryPrimitives.WriteUInt64LittleEndian(scene.Report.AsSpan(0x08), 0x120133);
        Assert.True(scene.Verify(scene.Requirements with { Snp = Snp(scene) with { AllowSmt = false, RequireSingleSocket = true, MinimumAbi = (1, 51) } }).Accepted);
        BinaryPrimitives.WriteUInt64LittleEndian(scene.Report.AsSpan(0x08), 0x120032);
        RefusedBy(scene.Verify(scene.Requirements with { Snp = Snp(scene) with { MinimumAbi = (1, 51) } }), CheckNames.GuestPolicyAbi);
    }

    [Theory]
    [InlineData(0x180, CheckNames.SnpTcbReported)]
    [InlineData(0x1E0, CheckNames.SnpTcbCommitted)]
    [InlineData(0x1F0, CheckNames.SnpTcbLaunch)]
    public void Each_of_the_three_TCBs_must_reach_the_minimum_in_every_part(int offset, string check)
    {
        foreach (SnpTcb low in new SnpTcb[] { new(2, 255, 255, 255), new(3, 0, 7, 115), new(3, 0, 8, 114) })
        {
            SnpScene scene = new();
            scene.SetTcb(offset, low);
            Assert.Contains(check, scene.Verify().Refusals.Select(c => c.Name));
        }

        SnpScene other = new();
        other.Minimum = new(3, 1, 8, 115);
        RefusedBy(other.Verify(), CheckNames.SnpTcbReported, CheckNames.SnpTcbCommitted, CheckNames.SnpTcbLaunch);
    }

    [Fact]
    public void On_Turin_the_FMC_counts_too_and_reserved_TCB_bytes_are_refused()
    {
        SnpScene scene = new(SnpProduct.Turin, 5);
        scene.Minimum = scene.Minimum with { Fmc = 2 };
        RefusedBy(scene.Verify(), CheckNames.SnpTcbReported, CheckNames.SnpTcbCommitted, CheckNames.SnpTcbLaunch);
        SnpScene reserved = new(SnpProduct.Turin, 5);
        reserved.Report[0x1E0 + 5] = 1;
        RefusedBy(reserved.Verify(), CheckNames.SnpTcbCommitted);
    }

    [Fact]
    public void A_minimum_for_another_generation_is_none()
    {
        SnpScene scene = new();
        EvidenceRequirements other = scene.Requirements with { Snp = Snp(scene) with { MinimumTcb = ImmutableDictionary<SnpProduct, SnpTcb>.Empty.Add(SnpProduct.Genoa, default) } };
        RefusedBy(scene.Verify(other), CheckNames.SnpTcbReported, CheckNames.SnpTcbCommitted, CheckNames.SnpTcbLaunch);
    }

    [Fact]
    public void Firmware_platform_and_version_are_compared()
    {
        SnpScene scene = new();
        RefusedBy(scene.Verify(scene.Requirements with { Snp = Snp(scene) with { MinimumFirmware = (1, 55, 5) } }), CheckNames.SnpFirmware);
        RefusedBy(scene.Verify(scene.Requirements with { Snp = Snp(scene) with { PlatformRequired = 0x10 } }), CheckNames.SnpPlatform);
        RefusedBy(scene.Verify(scene.Requirements with { Snp = Snp(scene) with { MinimumVersion = 5 } }), CheckNames.SnpVersion);
        scene.Report[0x40] = 0x65;
        RefusedBy(scene.Verify(), CheckNames.SnpPlatform);
        scene.Report[0x40] = 0x05;
        RefusedBy(scene.Verify(), CheckNames.SnpPlatform);
        Assert.True(scene.Verify(scene.Requirements with { Snp = Snp(scene) with { PlatformRequired = 0 } }).Accepted);
    }

    [Fact]
    public void The_identity_block_is_compared_where_the_owner_names_values()
    {
        SnpScene scene = new();
        ReadOnlyMemory<byte> other48 = new byte[48], other16 = Enumerable.Repeat((byte)9, 16).ToArray();
        RefusedBy(scene.Verify(scene.Requirements with { Snp = Snp(scene) with { IdKeyDigests = [other48] } }), CheckNames.IdKey);
        Assert.True(scene.Verify(scene.Requirements with { Snp = Snp(scene) with { IdKeyDigests = [other48, scene.Report[0xE0..0x110]] } }).Accepted);
        RefusedBy(scene.Verify(scene.Requirements with { Snp = Snp(scene) with { AuthorKeyDigests = [Enumerable.Repeat((byte)1, 48).ToArray()] } }), CheckNames.AuthorKey);
        RefusedBy(scene.Verify(scene.Requirements with { Snp = Snp(scene) with { FamilyIds = [other16], ImageIds = [other16], MinimumGuestSvn = 1 } }), CheckNames.FamilyId, CheckNames.ImageId, CheckNames.GuestSvn);
    }

    [Fact]
    public void A_masked_chip_key_or_no_key_at_all_is_refused()
    {
        SnpScene masked = new();
        masked.Report[0x48] = 2;
        RefusedBy(masked.Verify(), CheckNames.SnpSigningKey);
        SnpScene none = new();
        none.Report[0x48] = 7 << 2;
        Assert.Contains(CheckNames.SnpSigningKey, none.Verify().Refusals.Select(c => c.Name));
    }

    [Fact]
    public void The_owner_may_accept_one_kind_of_key_and_some_providers_only()
    {
        SnpScene vlek = new(SnpProduct.Milan, 3, vlek: true);
        RefusedBy(vlek.Verify(vlek.Requirements with { Snp = Snp(vlek) with { SigningKeys = [SnpSigningKey.Vcek] } }), CheckNames.SnpSigningKey);
        RefusedBy(vlek.Verify(vlek.Requirements with { Snp = Snp(vlek) with { CloudProviders = ["other"] } }), CheckNames.SnpCloudProvider);
        Assert.True(vlek.Verify(vlek.Requirements with { Snp = Snp(vlek) with { CloudProviders = ["other", "example-cloud"] } }).Accepted);
    }

    [Fact]
    public void A_kind_that_is_not_accepted_is_refused()
    {
        SnpScene scene = new();
        RefusedBy(scene.Verify(scene.Requirements with { Tees = [TeeKind.Tdx, TeeKind.Simulated] }), CheckNames.Kind);
        RefusedBy(scene.Verify(scene.Requirements with { Tees = [] }), CheckNames.Kind);
    }
}
