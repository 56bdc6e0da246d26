using System.CommandLine;
using System.Text.Json;
using Pavise.Attestation;
using Pavise.Attestation.Collateral;
using Pavise.Owner.Commands;
using Pavise.Owner.Keys;
using Pavise.Owner.Verification;
using Pavise.Session;

namespace Pavise.Owner.Sessions;

/// <summary>What the owner expects of the pVM: options as of <c>pavise verify</c>, and where one is absent what <c>expect.json</c> in the owner's folder says.</summary>
internal sealed class OriginOptions
{
    private const int FileBytes = 64 * 1024, TextChars = 4096;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private readonly Option<string?> tee = new("--tee") { Description = "snp, tdx or sim [by the evidence, never sim]." };
    private readonly Option<string?> policy = new("--policy") { Description = "The policy that the launch must bind." };
    private readonly Option<string[]> measurement = Several("--measurement", "An accepted measurement: hexadecimal, or a file of `pavise measure --json`.");
    private readonly Option<string[]> collateral = Several("--collateral", "A folder with certificates, revocation lists, TCB info, QE identity.");
    private readonly Option<bool> online = new("--online") { Description = "Ask AMD's or Intel's service for what is missing." };
    private readonly Option<string[]> minimumTcb = Several("--min-tcb", "snp: the lowest TCB of a generation, such as milan=3.0.8.115.");
    private readonly Option<string[]> status = Several("--accept-status", "tdx: a platform state that is accepted [UpToDate].");
    private readonly Option<string[]> any = Several("--any", $"A check that is waived: {string.Join(", ", Demands.Waivable)}.");
    private readonly Option<bool> debug = new("--allow-debug") { Description = "Accept a guest whose memory the host may read." };
    private readonly Option<string?> boot = new("--boot") { Description = "The one boot that it must be, as `pavise ps` names it." };

    public OriginOptions()
    {
        tee.AcceptOnlyFromAmong("snp", "tdx", "sim");
        any.AcceptOnlyFromAmong(Demands.Waivable);
    }

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[tee, policy, measurement, collateral, online, minimumTcb, status, any, debug, boot])
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="OwnerException">An option, or the file, is malformed.</exception>
    public Origin Read(ParseResult parsed, OwnerHome home)
    {
        Dictionary<string, string[]> file = ReadFile(Path.Combine(home.Folder, "expect.json"));
        string[] All(string name, string[]? given) => given is { Length: > 0 } ? given : file.GetValueOrDefault(name, []);
        string? One(string name, string? given) => given ?? file.GetValueOrDefault(name, []).FirstOrDefault();
        TextWriter errors = parsed.InvocationConfiguration.Error;
        PolicyDigest? digest = One("policy", parsed.GetValue(policy)) is { } policyFile ? PolicyFile.Read(policyFile).Digest : null;
        TeeKind? named = One("tee", parsed.GetValue(tee)) is { } text ? TeeKinds.Find(text) ?? throw new OwnerException($"tee is snp, tdx or sim, not {text}") : null;
        string[] measurements = All("measurement", parsed.GetValue(measurement)), tcbs = All("min-tcb", parsed.GetValue(minimumTcb)), statuses = All("accept-status", parsed.GetValue(status)), waived = All("any", parsed.GetValue(any));
        bool allowDebug = parsed.GetValue(debug);
        ICollateralSource source = VerifyCommand.Source(All("collateral", parsed.GetValue(collateral)), parsed.GetValue(online) ? new HttpClient { Timeout = RequestTimeout } : null, null, errors);
        return new Origin(
            kind => new Demands
            {
                // The simulated kind only where it is named.
                Tee = named ?? (kind == TeeKind.Simulated ? TeeKind.Snp : kind),
                Policy = digest,
                Measurements = measurements,
                MinimumTcbs = tcbs,
                Statuses = statuses,
                Any = waived,
                AllowDebug = allowDebug,
            }.ToRequirements(),
            evidence => VerifyCommand.FindAsync(source, evidence, errors, CancellationToken.None).GetAwaiter().GetResult(),
            One("boot", parsed.GetValue(boot)),
            TimeProvider.System);
    }

    private static Dictionary<string, string[]> ReadFile(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            return SessionJson.Read(File.ReadAllBytes(path), FileBytes, path, root => root.EnumerateObject().ToDictionary(
                p => p.Name,
                p => p.Value.ValueKind == JsonValueKind.Array ? [.. p.Value.EnumerateArray().Select(v => v.GetString()!)] : new[] { root.Text(p.Name, TextChars) }));
        }
        catch (SessionFormatException e)
        {
            throw new OwnerException(e.Message, "members are options without their dashes, each a text or a list of texts", e);
        }
    }

    private static Option<string[]> Several(string name, string description) => new(name) { Description = description + " May be repeated." };
}
