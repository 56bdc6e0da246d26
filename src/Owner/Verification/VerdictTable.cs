using Pavise.Attestation;

namespace Pavise.Owner.Verification;

/// <summary>A verdict for people: one row a check, then the answer.</summary>
internal static class VerdictTable
{
    private const int NameWidth = 30, StatusWidth = 14;

    internal static void Write(TextWriter output, Verdict verdict)
    {
        output.WriteLine($"{"check",-NameWidth} {"result",-StatusWidth} found");
        foreach (Check check in verdict.Checks)
        {
            output.WriteLine($"{check.Name,-NameWidth} {Status(check),-StatusWidth} {Found(check)}");
        }

        output.WriteLine();
        output.WriteLine(verdict.Accepted ? "ACCEPTED" : $"REFUSED: {string.Join(", ", verdict.Refusals.Select(c => c.Name))}");
    }

    private static string Status(Check check) => check.Status switch
    {
        CheckStatus.Passed => "passed",
        CheckStatus.Failed => "FAILED",
        _ => check.Required ? "NOT EVALUATED" : "not asked",
    };

    private static string Found(Check check) => check.Status == CheckStatus.Passed || check.Expected.Length == 0 || !check.Required
        ? check.Found
        : $"{check.Found} (expected: {check.Expected})";
}
