using System.Text.Json;

namespace Pavise.Owner.Commands.Kb;

/// <summary>An audit entry as one line.</summary>
internal static class AuditLine
{
    public static string Of(JsonElement entry)
    {
        IEnumerable<string> rest = entry.EnumerateObject()
            .Where(m => m.Name is not ("seq" or "ms" or "kind" or "checks"))
            .Select(m => $"{m.Name}={Clean(m.Value.ValueKind == JsonValueKind.String ? m.Value.GetString()! : m.Value.GetRawText())}");
        string failing = entry.TryGetProperty("checks", out JsonElement checks)
            ? string.Concat(checks.EnumerateArray().Where(c => c.ValueKind == JsonValueKind.Object).Select(c => $" FAILED {c.GetProperty("name").GetString()}"))
            : "";
        return $"{entry.GetProperty("seq").GetInt64()}  {KbCommand.Time(entry.GetProperty("ms").GetInt64())}  {entry.GetProperty("kind").GetString()}  {string.Join(' ', rest)}{failing}";
    }

    // What a guest sent must not move the terminal's cursor.
    private static string Clean(string text) => new([.. text.Take(400).Select(c => char.IsControl(c) ? '?' : c)]);
}
