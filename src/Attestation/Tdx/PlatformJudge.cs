using System.Collections.Immutable;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;

namespace Pavise.Attestation.Tdx;

/// <summary>Evaluates Intel's collateral for a quote's platform: revocation, TCB info, identity of the quoting enclave.</summary>
internal static class PlatformJudge
{
    public static TdxPlatform Judge(TdxQuote quote, PckChain chain, TdxCollateral? collateral, DateTimeOffset now, PinnedRoots roots, CheckLog log)
    {
        collateral ??= TdxCollateral.None;
        SignedCollateral<TcbInfo>? info = SignedCollateral.Check(
            SignedCollateral.TcbInfo, collateral.TcbInfo, collateral.TcbInfoChain, CollateralReader.ReadTcbInfo, i => (i.IssueDate, i.NextUpdate), now, roots, log);
        SignedCollateral<QeIdentity>? identity = SignedCollateral.Check(
            SignedCollateral.QeIdentity, collateral.QeIdentity, collateral.QeIdentityChain, CollateralReader.ReadQeIdentity, i => (i.IssueDate, i.NextUpdate), now, roots, log);
        List<DerCertificate> underRoot = [chain.Authority];
        AddSigner(underRoot, info?.Signer);
        AddSigner(underRoot, identity?.Signer);
        Revocation.Check(CheckNames.TdxRootCrl, Given(collateral.RootCrl), chain.Root, [.. underRoot], now, log);
        Revocation.Check(CheckNames.TdxPckCrl, Given(collateral.PckCrl), chain.Authority, [chain.Pck.Certificate], now, log);

        List<(string Part, TcbStatus? Status, ImmutableArray<string> Advisories)> parts = [];
        if (info is not null && TcbMatching.IsOfPlatform(info.Value, chain.Pck, log))
        {
            TcbLevel? level = TcbMatching.Level(info.Value, chain.Pck, quote.Body);
            IsvLevel? module = ModuleMatching.Level(info.Value, quote.Body, log);
            parts.Add(("platform", level?.Status, level?.Advisories ?? []));
            parts.Add(("module", module?.Status, module?.Advisories ?? []));
        }

        bool platformJudged = parts.Count > 0;
        if (identity is not null)
        {
            IsvLevel? enclave = EnclaveMatching.Level(identity.Value, quote.QeReport, log);
            parts.Add(("QE", enclave?.Status, enclave?.Advisories ?? []));
        }

        bool unmatched = parts.Any(p => p.Status is null);
        return new()
        {
            Fmspc = chain.Pck.Fmspc,
            TcbInfoEvaluation = info?.Value.Evaluation,
            QeIdentityEvaluation = identity?.Value.Evaluation,
            Judged = platformJudged && identity is not null,
            Unmatched = unmatched,
            Status = parts.Count == 0 || unmatched ? null : Combined(parts.Select(p => p.Status!.Value), platformJudged),
            Reason = parts.Count == 0 ? "TCB info and QE identity are missing or not believed" : string.Join(", ", parts.Select(p => $"{p.Part} {p.Status?.ToString() ?? "matches no level"}")),
            Advisories = [.. parts.SelectMany(p => p.Advisories).Distinct().Order(StringComparer.Ordinal)],
        };
    }

    private static TcbStatus Combined(IEnumerable<TcbStatus> parts, bool platformJudged) =>
        platformJudged ? parts.Skip(1).Aggregate(parts.First(), (all, part) => all.With(part)) : parts.Aggregate(TcbStatus.UpToDate, (all, part) => all.With(part));

    private static ImmutableArray<ReadOnlyMemory<byte>> Given(ReadOnlyMemory<byte> list) => list.IsEmpty ? [] : [list];

    private static void AddSigner(List<DerCertificate> certificates, DerCertificate? signer)
    {
        if (signer is not null)
        {
            certificates.Add(signer);
        }
    }
}
