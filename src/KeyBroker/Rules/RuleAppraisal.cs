using System.Collections.Immutable;
using Pavise.Attestation;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tdx;
using Pavise.KeyBroker.Sessions;
using Pavise.KeyBroker.Store;
using Pavise.Session.Admin;

namespace Pavise.KeyBroker.Rules;

/// <summary>What came of holding an attested guest against one rule.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Refusals">The checks that refuse, empty when the rule permits.</param>
/// <param name="Subject">Under which name releases are counted: the signed policy and version, or the bound digest.</param>
/// <param name="Signed">The signed policy, where the rule asks for one.</param>
/// <param name="Unchecked">Names of the checks that the rule does not ask for, or waives.</param>
internal sealed record RuleVerdict(NumberedRule Rule, IReadOnlyList<Check> Refusals, string Subject, StoredPolicy? Signed, IReadOnlyList<string> Unchecked)
{
    public bool Permits => Refusals.Count == 0;
}

/// <summary>Holds attested guests against rules. Pure: counts and versions are the transaction's.</summary>
internal static class RuleAppraisal
{
    public const string SignedPolicyCheck = "rule.signed-policy", VersionCheck = "rule.policy-version", WorkloadCheck = "rule.workload", NewestCheck = "rule.policy-newest";

    public const string AnyCheck = "rule.any", LeaseCheck = "rule.lease", ReleasesCheck = "rule.releases", ContentCheck = "rule.content";

    // A minimum that cannot be read is none that everybody reaches.
    private static readonly SnpTcb Unreachable = new(byte.MaxValue, byte.MaxValue, byte.MaxValue, byte.MaxValue, byte.MaxValue);

    public static RuleVerdict Appraise(AttestedGuest guest, NumberedRule numbered, RuleBook book)
    {
        ReleaseRule rule = numbered.Rule;
        List<Check> refusals = [];
        StoredPolicy? signed = null;
        Expected<PolicyDigest> policy;
        if (rule.Policy.IsSigned)
        {
            signed = SignedPolicy(guest, rule.Policy, book, refusals);
            policy = signed is null ? default : Expected<PolicyDigest>.OneOf(PolicyDigest.OfPolicy(signed.Document));
        }
        else
        {
            policy = Expected<PolicyDigest>.OneOf(Digest(rule.Policy));
        }

        string workload = guest.Document?.Policy?.Name ?? "";
        if (rule.Workload is { } name && name != workload)
        {
            refusals.Add(Failed(WorkloadCheck, name, workload.Length == 0 ? "the guest showed no policy" : workload));
        }

        Verdict verdict = guest.Evidence.Appraise(Requirements(guest, rule, policy));
        refusals.AddRange(verdict.Refusals);
        string[] open = [.. verdict.Checks.Where(c => c.Status == CheckStatus.NotEvaluated && !c.Refuses).Select(c => c.Name)];
        return new(numbered, refusals, signed is null ? guest.DigestText : $"{signed.Owner}/{signed.Name}@{signed.Version}", signed, open);
    }

    public static Check Failed(string name, string expected, string found) => new(name, CheckStatus.Failed, true, expected, found);

    private static EvidenceRequirements Requirements(AttestedGuest guest, ReleaseRule rule, Expected<PolicyDigest> policy) => new()
    {
        Tees = [.. rule.Tees.Select(t => TeeKinds.Find(t)).OfType<TeeKind>()],
        ReportData = Expected<ReadOnlyMemory<byte>>.OneOf(guest.ReportData),
        Policy = policy,
        Measurement = rule.AnyMeasurement ? Expected<LaunchMeasurement>.Any : Expected<LaunchMeasurement>.OneOf(Measurements(rule, guest.Evidence.Claims.Tee)),
        Snp = new()
        {
            MinimumTcb = rule.MinimumTcb.ToImmutableDictionary(p => Enum.Parse<SnpProduct>(p.Key, ignoreCase: true), p => SnpTcb.Find(p.Value) ?? Unreachable),
            AnyTcb = rule.AnyTcb,
            PlatformRequired = rule.AnyTcb ? 0 : SnpRequirements.AliasCheckComplete,
            NoRevocationList = rule.NoCollateral,
        },
        Tdx = new()
        {
            Statuses = [.. rule.TdxStatuses.Select(s => TcbStatuses.Find(s)).OfType<TcbStatus>()],
            NoCollateral = rule.NoCollateral,
        },
    };

    private static StoredPolicy? SignedPolicy(AttestedGuest guest, PolicyDemand demand, RuleBook book, List<Check> refusals)
    {
        if (guest.Document?.Policy is null)
        {
            refusals.Add(new(SignedPolicyCheck, CheckStatus.Failed, true, $"{demand.Name} signed by {demand.Owner}", "the guest showed no policy"));
            return null;
        }

        string sha256 = Convert.ToHexStringLower(guest.Document.Digest.HostData.Span);
        if (book.SignedPolicy(sha256, demand.Owner) is not { } signed || signed.Name != demand.Name)
        {
            refusals.Add(new(SignedPolicyCheck, CheckStatus.Failed, true, $"{demand.Name} signed by {demand.Owner}", $"{guest.Workload}, sha256 {sha256}, which this owner did not sign under this name"));
            return null;
        }

        if (signed.Version < demand.MinimumVersion)
        {
            refusals.Add(new(VersionCheck, CheckStatus.Failed, true, $"at least {demand.MinimumVersion}", $"{signed.Version}"));
        }

        return signed;
    }

    private static PolicyDigest Digest(PolicyDemand demand) =>
        new(Convert.FromHexString(demand.Sha256), demand.Sha384.Length > 0 ? Convert.FromHexString(demand.Sha384) : ReadOnlyMemory<byte>.Empty);

    /// <summary>The measurements that count for a kind of evidence: of TDX one digest alone is the firmware, whatever kernel it starts.</summary>
    internal static LaunchMeasurement[] Measurements(ReleaseRule rule, TeeKind tee) =>
        [.. rule.Measurements.Where(m => m.Contains(',', StringComparison.Ordinal) == (tee == TeeKind.Tdx)).Select(Measurement)];

    private static LaunchMeasurement Measurement(string text)
    {
        ReadOnlyMemory<byte>?[] parts = [.. text.Split(',').Select(p => p == "any" ? (ReadOnlyMemory<byte>?)null : Convert.FromHexString(p))];
        return parts.Length == 1 ? new(parts[0]!.Value) : new(parts[0]!.Value, parts[1], parts[2], parts[3], parts[4]);
    }
}
