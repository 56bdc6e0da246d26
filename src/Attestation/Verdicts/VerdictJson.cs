using System.Text.Json;

namespace Pavise.Attestation;

/// <summary>Verdicts as JSON, for audits and <c>pavise verify --json</c>.</summary>
public static class VerdictJson
{
    /// <summary>Writes <c>{"schema":"pavise.verdict/v1","tee","accepted","checks":[{"name","status","required","expected","found"}]}</c>; status is passed, failed or not-evaluated.</summary>
    public static void Write(Utf8JsonWriter json, Verdict verdict)
    {
        json.WriteStartObject();
        json.WriteString("schema", "pavise.verdict/v1");
        json.WriteString("tee", verdict.Tee.Name());
        json.WriteBoolean("accepted", verdict.Accepted);
        json.WriteStartArray("checks");
        foreach (Check check in verdict.Checks)
        {
            json.WriteStartObject();
            json.WriteString("name", check.Name);
            json.WriteString("status", Name(check.Status));
            json.WriteBoolean("required", check.Required);
            json.WriteString("expected", check.Expected);
            json.WriteString("found", check.Found);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>passed, failed or not-evaluated.</summary>
    public static string Name(CheckStatus status) => status switch
    {
        CheckStatus.Passed => "passed",
        CheckStatus.Failed => "failed",
        _ => "not-evaluated",
    };
}
