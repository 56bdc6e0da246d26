using System.Text.Json;

namespace Pavise.KeyBroker.Tests.Support;

/// <summary>Reading of audit entries.</summary>
internal static class AuditText
{
    /// <summary>Names of the refusing checks of an entry, of all its rules.</summary>
    public static string[] Failing(JsonElement entry) => [.. FailingChecks(entry).Select(c => Text(c, "name")).Distinct()];

    /// <summary>The refusing checks of an entry, of all its rules.</summary>
    public static IEnumerable<JsonElement> FailingChecks(JsonElement entry)
    {
        IEnumerable<JsonElement> lists = entry.TryGetProperty("checks", out JsonElement own) ? [own] : entry.GetProperty("rules").EnumerateArray().Select(r => r.GetProperty("checks"));
        return lists.SelectMany(l => l.EnumerateArray()).Where(c => c.ValueKind == JsonValueKind.Object);
    }

    public static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString()!;
}
