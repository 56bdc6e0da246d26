namespace Pavise.Attestation.Snp;

/// <summary>What an authenticated report says of its platform, against the requirements.</summary>
internal static class SnpAppraisal
{
    public static void Run(EvidenceClaims claims, SnpRequirements requirements, CheckLog log)
    {
        SnpReport report = claims.Snp!;
        log.Is(CheckNames.SnpVersion, report.Version >= requirements.MinimumVersion, $"at least {requirements.MinimumVersion}", $"{report.Version}");
        log.Is(
            CheckNames.SnpSigningKey,
            report.SigningKey != SnpSigningKey.None && !report.ChipKeyMasked && requirements.SigningKeys.Contains(report.SigningKey),
            string.Join(" or ", requirements.SigningKeys.Where(k => k != SnpSigningKey.None)),
            report.ChipKeyMasked ? "the chip key is masked: not signed" : $"{report.SigningKey}");
        if (requirements.NoRevocationList)
        {
            log.Waive(CheckNames.SnpRevocation);
        }

        CloudProvider(claims, requirements, log);
        Tcb(CheckNames.SnpTcbReported, report.ReportedTcb, claims.Product, requirements, log);
        Tcb(CheckNames.SnpTcbCommitted, report.CommittedTcb, claims.Product, requirements, log);
        Tcb(CheckNames.SnpTcbLaunch, report.LaunchTcb, claims.Product, requirements, log);
        (byte Major, byte Minor, byte Build) wanted = requirements.MinimumFirmware, found = report.CommittedFirmware;
        log.Is(CheckNames.SnpFirmware, found.CompareTo(wanted) >= 0, $"committed at least {wanted.Major}.{wanted.Minor}.{wanted.Build}", $"{found.Major}.{found.Minor}.{found.Build}");
        log.Is(
            CheckNames.SnpPlatform,
            (report.PlatformInfo & requirements.PlatformRequired) == requirements.PlatformRequired && (report.PlatformInfo & ~requirements.PlatformAllowed) == 0,
            $"bits 0x{requirements.PlatformRequired:x} set, none beyond 0x{requirements.PlatformAllowed:x}",
            $"0x{report.PlatformInfo:x}");
    }

    private static void CloudProvider(EvidenceClaims claims, SnpRequirements requirements, CheckLog log)
    {
        if (claims.Snp!.SigningKey == SnpSigningKey.Vlek && !requirements.CloudProviders.IsEmpty)
        {
            log.Is(CheckNames.SnpCloudProvider, claims.CloudProvider is { } p && requirements.CloudProviders.Contains(p), string.Join(" or ", requirements.CloudProviders), claims.CloudProvider ?? "none");
        }
        else
        {
            log.NotAsked(CheckNames.SnpCloudProvider, claims.CloudProvider ?? "none");
        }
    }

    private static void Tcb(string name, ulong raw, SnpProduct? product, SnpRequirements requirements, CheckLog log)
    {
        if (product is not { } generation)
        {
            log.Missing(name, "a minimum", "the processor generation is not proved");
        }
        else if (SnpTcb.Read(raw, generation) is not { } tcb)
        {
            log.Is(name, false, "reserved bytes zero", $"0x{raw:x16}");
        }
        else if (requirements.MinimumTcb.TryGetValue(generation, out SnpTcb minimum))
        {
            log.Is(name, tcb.IsAtLeast(minimum), $"at least {minimum}", $"{tcb}");
        }
        else if (requirements.AnyTcb)
        {
            log.NotAsked(name, $"{tcb}");
        }
        else
        {
            log.Missing(name, $"no minimum for {generation} is given to compare with", $"{tcb}");
        }
    }
}
