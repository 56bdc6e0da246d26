using System.Collections.Immutable;

namespace Pavise.Attestation.Tdx;

/// <summary>What an authenticated quote says of its guest and platform, against the requirements.</summary>
internal static class TdxAppraisal
{
    private static readonly ImmutableArray<string> FromCollateral =
    [
        CheckNames.TdxRootCrl, CheckNames.TdxPckCrl, CheckNames.TdxTcbInfoSignature, CheckNames.TdxTcbInfoFresh, CheckNames.TdxTcbInfoEvaluation, CheckNames.TdxTcbInfoPlatform,
        CheckNames.TdxQeIdentitySignature, CheckNames.TdxQeIdentityFresh, CheckNames.TdxQeIdentityEvaluation, CheckNames.TdxQeIdentityMatch, CheckNames.TdxModule, CheckNames.TdxTcbStatus,
        CheckNames.TdxAdvisories,
    ];

    public static void Run(EvidenceClaims claims, TdxRequirements requirements, CheckLog log)
    {
        TdxReportBody body = claims.Tdx!.Body;
        Evaluation(CheckNames.TdxTcbInfoEvaluation, claims.Platform?.TcbInfoEvaluation, requirements, log);
        Evaluation(CheckNames.TdxQeIdentityEvaluation, claims.Platform?.QeIdentityEvaluation, requirements, log);
        Status(claims.Platform, requirements, log);
        ulong attributes = body.Attributes, others = attributes & ~TdxAttributes.Debug;
        bool debug = (attributes & TdxAttributes.Debug) != 0;
        log.Is(CheckNames.TdxDebug, !debug || requirements.AllowDebug, requirements.AllowDebug ? "any" : "off", debug ? "on: the host reads the guest's memory" : "off");
        log.Is(
            CheckNames.TdxAttributes,
            (others & requirements.AttributesRequired) == requirements.AttributesRequired && (others & ~(requirements.AttributesAllowed | requirements.AttributesRequired)) == 0,
            $"0x{requirements.AttributesRequired:x} set, none beyond 0x{requirements.AttributesAllowed:x}",
            $"0x{attributes:x}");
        log.Is(
            CheckNames.TdxXfam,
            (body.Xfam & TdxAttributes.XfamFixed1) == TdxAttributes.XfamFixed1 && (body.Xfam & ~TdxAttributes.XfamFixed0) == 0,
            $"0x{TdxAttributes.XfamFixed1:x} set, none beyond 0x{TdxAttributes.XfamFixed0:x}",
            $"0x{body.Xfam:x}");
        OneOf(CheckNames.TdxMrSeam, requirements.MrSeam, body.MrSeam, log);
        OneOf(CheckNames.TdxOwner, requirements.MrOwner, body.MrOwner, log);
        OneOf(CheckNames.TdxOwnerConfig, requirements.MrOwnerConfig, body.MrOwnerConfig, log);
        ReadOnlyMemory<byte> service = body.MrServiceTd ?? new byte[48];
        log.Is(
            CheckNames.TdxServiceTd,
            !service.Span.ContainsAnyExcept((byte)0) || requirements.MrServiceTd.Any(m => m.Span.SequenceEqual(service.Span)),
            requirements.MrServiceTd.IsEmpty ? "none bound" : "none bound, or an accepted one",
            Hex(service));
        if (requirements.NoCollateral)
        {
            foreach (string name in FromCollateral)
            {
                log.Waive(name);
            }
        }
    }

    private static void Status(TdxPlatform? platform, TdxRequirements requirements, CheckLog log)
    {
        string expected = requirements.Statuses.IsEmpty ? "none accepted" : string.Join(" or ", requirements.Statuses);
        bool refused = platform is { Unmatched: true } || (platform?.Status is { } status && !requirements.Statuses.Contains(status));
        if (platform is null || (!platform.Judged && !refused))
        {
            log.Missing(CheckNames.TdxTcbStatus, expected, platform?.Reason ?? "the PCK certificate cannot be read");
            log.Missing(CheckNames.TdxAdvisories, "known", "the platform is not judged");
            return;
        }

        log.Is(CheckNames.TdxTcbStatus, !refused && platform.Status is not null, expected, $"{platform.Status?.ToString() ?? "none"}: {platform.Reason}");
        string advisories = platform.Advisories.IsEmpty ? "none" : string.Join(' ', platform.Advisories);
        if (requirements.Advisories is { } accepted)
        {
            log.Is(CheckNames.TdxAdvisories, !platform.Advisories.Except(accepted).Any(), accepted.IsEmpty ? "none" : string.Join(' ', accepted), advisories);
        }
        else
        {
            log.NotAsked(CheckNames.TdxAdvisories, advisories);
        }
    }

    private static void Evaluation(string name, uint? number, TdxRequirements requirements, CheckLog log)
    {
        string expected = $"at least {requirements.MinimumEvaluation}";
        if (number is { } n)
        {
            log.Is(name, n >= requirements.MinimumEvaluation, expected, $"{n}");
        }
        else
        {
            log.Missing(name, expected, "missing or not believed");
        }
    }

    private static void OneOf(string name, ImmutableArray<ReadOnlyMemory<byte>> accepted, ReadOnlyMemory<byte> found, CheckLog log)
    {
        if (accepted.IsEmpty)
        {
            log.NotAsked(name, Hex(found));
        }
        else
        {
            log.Is(name, accepted.Any(a => a.Span.SequenceEqual(found.Span)), string.Join(" or ", accepted.Select(Hex)), Hex(found));
        }
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
}
