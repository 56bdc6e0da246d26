using System.Text.Json;

namespace Pavise.Owner.Commands.Kb;

/// <summary>An audit entry as one line.</summary>
internal static class AuditLine
{
    public static string Of(JsonElement entry)
    {
        IEnumerable<string> rest = entry.EnumerateObject()
            .Where(m => m.Name is not ("seq" or "ms" or "kind" or "checks" or "rules"))
            .Select(m => $"{m.Name}={Clean(m.Value.ValueKind == JsonValueKind.String ? m.Value.GetString()! : m.Value.GetRawText())}");
        string failing = entry.TryGetProperty("checks", out JsonElement checks) ? Failing("", checks)
            : entry.TryGetProperty("rules", out JsonElement rules) ? string.Concat(rules.EnumerateArray().Select(r => Failing($"rule {r.GetProperty("rule").GetInt64()}: ", r.GetProperty("checks"))))
            : "";
        return $"{entry.GetProperty("seq").GetInt64()}  {KbCommand.Time(entry.GetProperty("ms").GetInt64())}  {entry.GetProperty("kind").GetString()}  {string.Join(' ', rest)}{failing}";
    }

    // A line each, with both values: why a guest was refused is what an audit is read for.
    private static string Failing(string of, JsonElement checks) => string.Concat(checks.EnumerateArray().Where(c => c.ValueKind == JsonValueKind.Object).Select(c =>
        $"\n    {of}FAILED {Member(c, "name")} ({Member(c, "status")}): expected {Member(c, "expected")}; found {Member(c, "found")}"));

    private static string Member(JsonElement check, string name) => Clean(check.GetProperty(name).GetString()!);

    // What a guest sent must not move the terminal's cursor.
    private static string Clean(string text) => new([.. text.Take(400).Select(c => char.IsControl(c) ? '?' : c)]);
}
