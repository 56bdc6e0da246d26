using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pavise.Attestation;
using Pavise.Attestation.Collateral;
using Pavise.Collateral;
using Pavise.Owner.GuestBuild.Manifest;
using Pavise.Owner.Verification;

namespace Pavise.Owner.Commands;

/// <summary>`pavise verify EVIDENCE`: every check, with what was expected and found. Exit code 0: accepted; 1: refused; 2: wrong command line; 3: no check failed, but a required one was not evaluated.</summary>
internal static class VerifyCommand
{
    internal const int Incomplete = 3;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    internal static Command Create()
    {
        Argument<string> file = new("EVIDENCE") { Description = "An SNP report, a TDX quote, or the JSON that an attester sends to a key broker." };
        Option<string?> tee = new("--tee") { Description = "snp, tdx or sim [by the file's form, never sim]." };
        tee.AcceptOnlyFromAmong("snp", "tdx", "sim");
        Option<string?> reportData = new("--report-data") { Description = "What the report must carry, up to 64 bytes in hexadecimal." };
        Option<string?> nonce = new("--nonce") { Description = "With --runtime-data: the nonce that it must hold." };
        Option<string?> runtimeData = new("--runtime-data") { Description = "The key broker exchange's runtime data (JSON with tee-pubkey and nonce) that the report must carry." };
        Option<string?> policy = new("--policy") { Description = "The policy that the launch must bind; a document that is no Pavise policy counts as its bytes." };
        Option<string[]> measurement = Several("--measurement", "An accepted measurement: hexadecimal, or a file of `pavise measure --json`.");
        Option<string[]> collateral = Several("--collateral", "A folder with certificates, revocation lists, TCB info, QE identity.");
        Option<bool> online = new("--online") { Description = "Ask AMD's or Intel's service for what is missing." };
        Option<string?> cache = new("--cache") { Description = "With --online: a folder that keeps the answers." };
        Option<string?> at = new("--at") { Description = "The time to verify at, such as 2026-01-31T12:00:00Z [now]." };
        Option<string[]> minimumTcb = Several("--min-tcb", "snp: the lowest TCB of a generation, such as milan=3.0.8.115.");
        Option<string[]> status = Several("--accept-status", "tdx: a platform state that is accepted [UpToDate].");
        Option<string[]> any = Several("--any", $"A check that is waived: {string.Join(", ", Demands.Waivable)}.");
        any.AcceptOnlyFromAmong(Demands.Waivable);
        Option<bool> debug = new("--allow-debug") { Description = "Accept a guest whose memory the host may read." };
        Option<bool> json = new("--json") { Description = "Print JSON." };
        Command command = new("verify", "Verifies evidence of a launch and prints every check. Exit code 0: accepted, 1: refused, 3: something required was not evaluated.")
        {
            file, tee, reportData, runtimeData, nonce, policy, measurement, collateral, online, cache, at, minimumTcb, status, any, debug, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output, errors = parsed.InvocationConfiguration.Error;
            byte[] content = Content(parsed.GetRequiredValue(file));
            TeeKind kind = parsed.GetValue(tee) is { } named ? TeeKinds.Find(named)!.Value : EvidenceFile.Guess(content);
            PolicyDigest? digest = null;
            if (parsed.GetValue(policy) is { } policyFile)
            {
                (digest, string what) = PolicyFile.Read(policyFile);
                errors.WriteLine($"policy: {what}");
            }

            EvidenceRequirements requirements = new Demands
            {
                Tee = kind,
                ReportData = RuntimeData.Choose(parsed.GetValue(reportData), parsed.GetValue(runtimeData), parsed.GetValue(nonce)),
                Policy = digest,
                Measurements = parsed.GetValue(measurement) ?? [],
                MinimumTcbs = parsed.GetValue(minimumTcb) ?? [],
                Statuses = parsed.GetValue(status) ?? [],
                Any = parsed.GetValue(any) ?? [],
                AllowDebug = parsed.GetValue(debug),
            }.ToRequirements();
            DateTimeOffset now = Time(parsed.GetValue(at));
            Verdict verdict;
            try
            {
                LaunchEvidence evidence = EvidenceFile.Parse(kind, content);
                using HttpClient client = new() { Timeout = RequestTimeout };
                ICollateralSource source = Source(parsed.GetValue(collateral) ?? [], parsed.GetValue(online) ? client : null, parsed.GetValue(cache), errors);
                verdict = EvidenceVerifier.Verify(evidence, await FindAsync(source, evidence, errors, cancellation), requirements, now);
            }
            catch (EvidenceFormatException e)
            {
                verdict = EvidenceVerifier.Malformed(kind, e);
            }

            Print(output, verdict, parsed.GetValue(json));
            return verdict.Accepted ? CommandLine.Done : verdict.Refusals.Any(c => c.Status == CheckStatus.Failed) ? CommandLine.Failed : Incomplete;
        });
        return command;
    }

    private static Option<string[]> Several(string name, string description) => new(name) { Description = description + " May be repeated." };

    private static byte[] Content(string file) => !File.Exists(file) ? throw new OwnerException($"{file} does not exist")
        : new FileInfo(file).Length > AttestationLimits.EvidenceJsonBytes ? throw new OwnerException($"{file} is longer than any evidence")
        : File.ReadAllBytes(file);

    internal static ICollateralSource Source(string[] folders, HttpClient? client, string? cache, TextWriter errors)
    {
        List<ICollateralSource> sources = [];
        foreach (string folder in folders)
        {
            CollateralFolder given = Open(folder);
            sources.Add(given);
            foreach (string ignored in given.Ignored)
            {
                errors.WriteLine($"note: {Path.Combine(folder, ignored)} is no collateral");
            }
        }

        if (client is not null)
        {
            ICollateralSource vendors = new SeveralSources(
                new AmdKeyService(client, AmdKeyService.Amd), new IntelProvisioningService(client, IntelProvisioningService.Intel, IntelProvisioningService.IntelRootCrl));
            sources.Add(cache is null ? vendors : new CollateralCache(cache, vendors, TimeProvider.System));
        }

        return new SeveralSources([.. sources]);
    }

    private static CollateralFolder Open(string folder)
    {
        try
        {
            return CollateralFolder.Open(folder);
        }
        catch (CollateralException e)
        {
            throw new OwnerException(e.Message, null, e);
        }
    }

    internal static async Task<VerificationCollateral> FindAsync(ICollateralSource source, LaunchEvidence evidence, TextWriter errors, CancellationToken cancellation)
    {
        try
        {
            return CollateralRequest.For(evidence) is { } request ? await source.FindAsync(request, cancellation) : VerificationCollateral.None;
        }
        catch (CollateralException e)
        {
            errors.WriteLine($"note: {e.Message}");
            return VerificationCollateral.None;
        }
    }

    private static DateTimeOffset Time(string? text) => text is null ? TimeProvider.System.GetUtcNow()
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time
        : throw new OwnerException($"--at: `{text}` is no time", "such as 2026-01-31T12:00:00Z");

    private static void Print(TextWriter output, Verdict verdict, bool json)
    {
        if (!json)
        {
            VerdictTable.Write(output, verdict);
            return;
        }

        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, ManifestWriter.Style))
        {
            VerdictJson.Write(writer, verdict);
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(bytes.ToArray()));
    }
}
