using System.Buffers.Binary;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Attestation.Tests.Checks;

/// <summary>Every check of SNP and of simulated evidence fails at least once, for its own reason, without any recorded evidence.</summary>
public sealed class SnpChecksTests
{
    private static readonly ReadOnlyMemory<byte> Other48 = Enumerable.Repeat((byte)0xEE, 48).ToArray(), Other16 = Enumerable.Repeat((byte)0xEE, 16).ToArray();

    [Fact]
    public void Every_check_of_SNP_evidence_fails_for_its_own_reason()
    {
        Dictionary<string, Func<Verdict>> cases = new()
        {
            [CheckNames.Form] = () => EvidenceVerifier.Verify(TeeKind.Snp, new byte[1183], VerificationCollateral.None, new SnpScene().Requirements, SnpScene.Now),
            [CheckNames.Kind] = () => With(r => r with { Tees = [TeeKind.Tdx] }),
            [CheckNames.SnpVersion] = () => Asking(r => r with { MinimumVersion = 5 }),
            [CheckNames.SnpCertificatesForm] = () => Changed(s => s.Certificates.Add([0x30, 0x00])),
            [CheckNames.SnpSigningKey] = () => Changed(s => s.Report[0x48] = 2),
            [CheckNames.SnpCertificate] = () => Changed(s => s.Certificates[0] = s.Chain.Leaf(s.Key, [3, 0, 8, 115], new byte[10])),
            [CheckNames.SnpChainRoot] = Foreign,
            [CheckNames.SnpChainIntermediate] = () => Changed(s => s.Certificates[1] = Flipped(s.Certificates[1])),
            [CheckNames.SnpChainLeaf] = () => Changed(s => s.Certificates[0] = Flipped(s.Certificates[0])),
            [CheckNames.SnpChainValidity] = () => Changed(s => s.At = AmdChain.End.AddSeconds(1)),
            [CheckNames.SnpRevocation] = () => Changed(s => s.Crls = [s.Chain.Crl(SnpScene.Now.AddDays(-1), SnpScene.Now.AddDays(30), AmdChain.AskSerial)]),
            [CheckNames.SnpProduct] = () => Changed(s => s.Report[0x189] = 0x11),
            [CheckNames.SnpCertificateTcb] = () => Changed(s => s.Certificates[0] = s.Chain.Leaf(s.Key, [3, 0, 8, 116], s.ChipId)),
            [CheckNames.SnpCertificateChip] = () => Changed(s => s.Certificates[0] = s.Chain.Leaf(s.Key, [3, 0, 8, 115], new byte[64])),
            [CheckNames.SnpCloudProvider] = () => new SnpScene(SnpProduct.Milan, 3, vlek: true) is var s ? s.Verify(s.Requirements with { Snp = s.Requirements.Snp with { CloudProviders = ["other"] } }) : null!,
            [CheckNames.SnpSignature] = () => ChangedAfter(s => s.Report[0x2A0] ^= 1),
            [CheckNames.SnpTcbReported] = () => Changed(s => s.SetTcb(0x180, new(3, 0, 8, 114))),
            [CheckNames.SnpTcbCommitted] = () => Changed(s => s.SetTcb(0x1E0, new(3, 0, 8, 114))),
            [CheckNames.SnpTcbLaunch] = () => Changed(s => s.SetTcb(0x1F0, new(3, 0, 8, 114))),
            [CheckNames.SnpFirmware] = () => Asking(r => r with { MinimumFirmware = (1, 55, 5) }),
            [CheckNames.SnpPlatform] = () => Changed(s => s.Report[0x40] = 5),
            [CheckNames.ReportData] = () => ChangedFrom(s => s.Report[0x50] ^= 1),
            [CheckNames.Policy] = () => ChangedFrom(s => s.Report[0xC0] ^= 1),
            [CheckNames.Measurement] = () => ChangedFrom(s => s.Report[0x90] ^= 1),
        };
        foreach ((string name, Func<byte[], SnpRequirements, SnpRequirements> make) in Guest)
        {
            cases[name] = () =>
            {
                SnpScene scene = new();
                SnpRequirements requirements = make(scene.Report, scene.Requirements.Snp);
                return scene.Verify(scene.Requirements with { Snp = requirements });
            };
        }

        Failing.Cover(CheckNames.Snp, cases);
    }

    [Fact]
    public void Every_check_of_simulated_evidence_fails_for_its_own_reason()
    {
        static Verdict After(int offset)
        {
            SimulatedScene scene = new();
            EvidenceRequirements requirements = scene.Requirements;
            scene.Sign();
            scene.Report[offset] ^= 1;
            return scene.VerifyUnsigned(requirements);
        }

        static Verdict From(int offset)
        {
            SimulatedScene scene = new();
            EvidenceRequirements requirements = scene.Requirements;
            scene.Report[offset] ^= 1;
            return scene.Verify(requirements);
        }

        Assert.True(new SimulatedScene().Verify().Accepted);
        Dictionary<string, Func<Verdict>> cases = new()
        {
            [CheckNames.Form] = () => EvidenceVerifier.Verify(TeeKind.Simulated, new byte[1185], VerificationCollateral.None, new SimulatedScene().Requirements, SnpScene.Now),
            [CheckNames.Kind] = () => new SimulatedScene() is var s ? s.Verify(s.Requirements with { Tees = [TeeKind.Snp, TeeKind.Tdx] }) : null!,
            [CheckNames.SimulatedChip] = () => From(0x1A0),
            [CheckNames.SimulatedSignature] = () => After(0x2A0),
            [CheckNames.ReportData] = () => From(0x50),
            [CheckNames.Policy] = () => From(0xC0),
            [CheckNames.Measurement] = () => From(0x90),
        };
        foreach ((string name, Func<byte[], SnpRequirements, SnpRequirements> make) in Guest)
        {
            cases[name] = () =>
            {
                SimulatedScene scene = new();
                SnpRequirements requirements = make(scene.Report, scene.Requirements.Snp);
                return scene.Verify(scene.Requirements with { Snp = requirements });
            };
        }

        Failing.Cover(CheckNames.Simulated, cases);
    }

    // Checks that both kinds have: each changes the report or asks for more than it shows.
    private static readonly Dictionary<string, Func<byte[], SnpRequirements, SnpRequirements>> Guest = new()
    {
        [CheckNames.GuestPolicyForm] = (report, r) => Policy(report, 0x30000 | 1UL << 26, r),
        [CheckNames.GuestPolicyDebug] = (report, r) => Policy(report, 0x30000 | 1UL << 19, r),
        [CheckNames.GuestPolicyMigration] = (report, r) => Policy(report, 0x30000 | 1UL << 18, r),
        [CheckNames.GuestPolicySmt] = (_, r) => r with { AllowSmt = false },
        [CheckNames.GuestPolicySocket] = (_, r) => r with { RequireSingleSocket = true },
        [CheckNames.GuestPolicyAbi] = (_, r) => r with { MinimumAbi = (1, 51) },
        [CheckNames.Vmpl] = (report, r) =>
        {
            report[0x30] = 1;
            return r;
        },
        [CheckNames.GuestSvn] = (_, r) => r with { MinimumGuestSvn = 7 },
        [CheckNames.IdKey] = (_, r) => r with { IdKeyDigests = [Other48] },
        [CheckNames.AuthorKey] = (_, r) => r with { AuthorKeyDigests = [Other48] },
        [CheckNames.FamilyId] = (_, r) => r with { FamilyIds = [Other16] },
        [CheckNames.ImageId] = (_, r) => r with { ImageIds = [Other16] },
    };

    private static SnpRequirements Policy(byte[] report, ulong policy, SnpRequirements requirements)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(report.AsSpan(0x08), policy);
        return requirements;
    }

    private static Verdict Changed(Action<SnpScene> change)
    {
        SnpScene scene = new();
        change(scene);
        return scene.Verify();
    }

    // Against what was expected before the change.
    private static Verdict ChangedFrom(Action<SnpScene> change)
    {
        SnpScene scene = new();
        EvidenceRequirements requirements = scene.Requirements;
        change(scene);
        return scene.Verify(requirements);
    }

    private static Verdict ChangedAfter(Action<SnpScene> change)
    {
        SnpScene scene = new();
        scene.Sign();
        change(scene);
        return scene.VerifyUnsigned();
    }

    private static Verdict With(Func<EvidenceRequirements, EvidenceRequirements> change) => new SnpScene() is var scene ? scene.Verify(change(scene.Requirements)) : null!;

    private static Verdict Asking(Func<SnpRequirements, SnpRequirements> change) => With(r => r with { Snp = change(r.Snp) });

    private static Verdict Foreign()
    {
        SnpScene scene = new();
        scene.Sign();
        return EvidenceVerifier.Verify(LaunchEvidence.Parse(TeeKind.Snp, scene.Report), new() { SnpCertificates = [.. scene.Certificates], SnpCrls = [.. scene.Crls] }, scene.Requirements, SnpScene.Now);
    }

    private static byte[] Flipped(byte[] certificate) => [.. certificate[..^1], (byte)(certificate[^1] ^ 1)];
}
