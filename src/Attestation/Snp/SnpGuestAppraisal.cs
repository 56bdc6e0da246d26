using System.Collections.Immutable;

namespace Pavise.Attestation.Snp;

/// <summary>What a report says of its guest: policy bits, VMPL, identity block. Applies to the simulated kind too, which has the same report.</summary>
internal static class SnpGuestAppraisal
{
    public static void Run(SnpReport report, SnpRequirements requirements, CheckLog log)
    {
        SnpGuestPolicy policy = report.GuestPolicy;
        log.Is(CheckNames.GuestPolicyForm, policy.IsWellFormed, "bit 17 one, bits 26 to 63 zero", $"0x{policy.Raw:x}");
        log.Is(CheckNames.GuestPolicyDebug, !policy.Debug || requirements.AllowDebug, requirements.AllowDebug ? "any" : "off", Word(policy.Debug, "on: the host reads the guest's memory", "off"));
        log.Is(CheckNames.GuestPolicyMigration, !policy.Migration || requirements.AllowMigration, requirements.AllowMigration ? "any" : "refused", Word(policy.Migration, "allowed", "refused"));
        log.Is(CheckNames.GuestPolicySmt, !policy.Smt || requirements.AllowSmt, requirements.AllowSmt ? "any" : "refused", Word(policy.Smt, "allowed", "refused"));
        log.Is(CheckNames.GuestPolicySocket, policy.SingleSocket || !requirements.RequireSingleSocket, requirements.RequireSingleSocket ? "required" : "any", Word(policy.SingleSocket, "required", "any"));
        log.Is(
            CheckNames.GuestPolicyAbi,
            (policy.AbiMajor, policy.AbiMinor).CompareTo(requirements.MinimumAbi) >= 0,
            $"at least {requirements.MinimumAbi.Major}.{requirements.MinimumAbi.Minor}",
            $"{policy.AbiMajor}.{policy.AbiMinor}");
        log.Is(CheckNames.Vmpl, report.Vmpl == 0, "0", $"{report.Vmpl}");
        log.Is(CheckNames.GuestSvn, report.GuestSvn >= requirements.MinimumGuestSvn, $"at least {requirements.MinimumGuestSvn}", $"{report.GuestSvn}");
        OneOf(log, CheckNames.IdKey, requirements.IdKeyDigests, report.IdKeyDigest);
        OneOf(log, CheckNames.AuthorKey, requirements.AuthorKeyDigests, report.AuthorKeyDigest);
        OneOf(log, CheckNames.FamilyId, requirements.FamilyIds, report.FamilyId);
        OneOf(log, CheckNames.ImageId, requirements.ImageIds, report.ImageId);
    }

    private static void OneOf(CheckLog log, string name, ImmutableArray<ReadOnlyMemory<byte>> accepted, ReadOnlyMemory<byte> found)
    {
        string text = Convert.ToHexStringLower(found.Span);
        if (accepted.IsEmpty)
        {
            log.NotAsked(name, text);
        }
        else
        {
            log.Is(name, accepted.Any(a => a.Span.SequenceEqual(found.Span)), string.Join(" or ", accepted.Select(a => Convert.ToHexStringLower(a.Span))), text);
        }
    }

    private static string Word(bool value, string yes, string no) => value ? yes : no;
}
