using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using Pavise.Owner.Policies;
using Pavise.Policy.Model;
using Pavise.Session;
using Pavise.Session.Admin;

namespace Pavise.Owner.Commands.Kb;

/// <summary>The options that make a release rule.</summary>
internal sealed class RuleOptions
{
    private readonly Option<string?> _policy = new("--policy") { Description = "The policy file (YAML or JSON) whose launch gets it." };
    private readonly Option<string?> _owner = new("--signed-by") { Description = "Instead: any policy that this owner signed, with --name and --min-version." };
    private readonly Option<string?> _name = new("--name") { Description = "Name of the signed policy." };
    private readonly Option<long> _version = new("--min-version") { Description = "Lowest version of the signed policy.", DefaultValueFactory = _ => 1 };
    private readonly Option<string[]> _measurement = new("--measurement") { Description = "A launch measurement (hexadecimal, pavise measure); may be repeated." };
    private readonly Option<bool> _anyMeasurement = new("--any-measurement") { Description = "Any measurement: for trying only." };
    private readonly Option<string[]> _tee = new("--tee") { Description = "snp, tdx or sim; may be repeated." };
    private readonly Option<string[]> _minimumTcb = new("--min-tcb") { Description = "SNP: milan|genoa|turin=bootloader.tee.snp.microcode[.fmc]; may be repeated." };
    private readonly Option<bool> _anyTcb = new("--any-tcb") { Description = "SNP: any TCB where there is no minimum." };
    private readonly Option<bool> _noCollateral = new("--no-collateral") { Description = "Do without revocation lists and TCB info that the broker does not have." };
    private readonly Option<string[]> _status = new("--tdx-status") { Description = "TDX: accepted platform state [UpToDate]; may be repeated." };
    private readonly Option<string?> _workload = new("--workload") { Description = "The name that the policy must have." };
    private readonly Option<int?> _releases = new("--releases") { Description = "Release it so many times per policy version (1: once)." };
    private readonly Option<int?> _instances = new("--instances") { Description = "At most so many live instances, by lease." };
    private readonly Option<string?> _file = new("--rule") { Description = "A file with the rule as JSON, instead of all the others." };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_policy, _owner, _name, _version, _measurement, _anyMeasurement, _tee, _minimumTcb, _anyTcb, _noCollateral, _status, _workload, _releases, _instances, _file])
        {
            command.Options.Add(option);
        }

        command.Validators.Add(Check);
    }

    /// <summary>The rule, read again by the reader that the broker uses, so that a mistake shows here.</summary>
    public ReleaseRule Make(ParseResult parsed, string resource)
    {
        try
        {
            return ReleaseRule.Parse(parsed.GetValue(_file) is { } file ? File.ReadAllBytes(file) : FromOptions(parsed, resource).Write());
        }
        catch (SessionFormatException e)
        {
            throw new OwnerException(e.Message, "rules are described in docs/key-broker.md", e);
        }
    }

    private void Check(CommandResult result)
    {
        if (result.GetValue(_file) is not null)
        {
            return;
        }

        if (result.GetValue(_policy) is null == result.GetValue(_owner) is null)
        {
            result.AddError("Say which policy: --policy FILE, or --signed-by OWNER --name NAME.");
        }

        if (result.GetValue(_owner) is not null && result.GetValue(_name) is null)
        {
            result.AddError("--signed-by needs --name.");
        }

        if (result.GetValue(_measurement) is null or [] && !result.GetValue(_anyMeasurement))
        {
            result.AddError("Say what was launched: --measurement (pavise measure prints it), or --any-measurement for trying.");
        }

        if (result.GetValue(_tee) is null or [])
        {
            result.AddError("Say which kinds of evidence: --tee snp, tdx or sim.");
        }
    }

    private ReleaseRule FromOptions(ParseResult parsed, string resource)
    {
        ReleaseRule rule = new()
        {
            Resource = resource,
            Policy = parsed.GetValue(_policy) is { } file ? Document(PolicySourceFile.Read(file)) : PolicyDemand.Signed(parsed.GetValue(_owner)!, parsed.GetValue(_name)!, parsed.GetValue(_version)),
            Measurements = [.. parsed.GetValue(_measurement) ?? []],
            AnyMeasurement = parsed.GetValue(_anyMeasurement),
            Tees = [.. parsed.GetValue(_tee) ?? []],
            MinimumTcb = Tcbs(parsed.GetValue(_minimumTcb) ?? []),
            AnyTcb = parsed.GetValue(_anyTcb),
            NoCollateral = parsed.GetValue(_noCollateral),
            Workload = parsed.GetValue(_workload),
            Releases = parsed.GetValue(_releases),
            Instances = parsed.GetValue(_instances),
        };
        return parsed.GetValue(_status) is { Length: > 0 } statuses ? rule with { TdxStatuses = [.. statuses] } : rule;
    }

    private static PolicyDemand Document(PolicyDocument policy) => PolicyDemand.Document(Convert.ToHexStringLower(policy.Sha256()), Convert.ToHexStringLower(policy.Sha384()));

    private static ImmutableSortedDictionary<string, string> Tcbs(string[] texts)
    {
        ImmutableSortedDictionary<string, string>.Builder tcbs = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            string[] parts = text.Split('=');
            tcbs[parts[0]] = parts.Length == 2 ? parts[1] : throw new OwnerException("--min-tcb is PRODUCT=bootloader.tee.snp.microcode");
        }

        return tcbs.ToImmutable();
    }
}
