using System.Globalization;
using System.Text.Json.Nodes;
using Pavise.Trojan.Attacks;
using Pavise.Workloads;

namespace Pavise.Trojan;

/// <summary>The results as the evaluation's JSON (schema <c>pavise.eval/v1</c>) and in a line.</summary>
internal sealed record Report(string Runtime, IReadOnlyList<Verdict> Verdicts, IReadOnlyList<string> Leaks, long Searched)
{
    /// <summary>Every attack stopped, every neighbour works, nothing of the secret seen.</summary>
    public bool IsGood => Verdicts.All(v => v.Stopped && v.Works) && Leaks.Count == 0;

    public string Line => $"{Runtime}: {Verdicts.Count(v => v.Stopped)} of {Verdicts.Count} attacks stopped, {Verdicts.Count(v => v.Works)} of {Verdicts.Count} neighbours work, the secret in {Leaks.Count} places of {Searched} bytes";

    /// <summary>The whole report.</summary>
    /// <param name="repository">Folder of the sources, for the commit.</param>
    public async Task<JsonObject> ToJsonAsync(string repository) => new()
    {
        ["schema"] = "pavise.eval/v1",
        ["name"] = $"attacks-{Runtime}",
        ["commit"] = (await Command.RunAsync("git", ["-C", repository, "rev-parse", "--short", "HEAD"])).Output.Trim(),
        ["machine"] = $"{File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown"}, {Environment.ProcessorCount} CPUs",
        ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ["measurements"] = new JsonArray(Count("attacks", Verdicts.Count), Count("stopped", Verdicts.Count(v => v.Stopped)), Count("neighbours that work", Verdicts.Count(v => v.Works)), Count("places with the secret", Leaks.Count), Count("bytes searched", Searched)),
        ["ratios"] = new JsonArray(),
        ["cases"] = new JsonArray([.. Verdicts.Select(v => (JsonNode)v.ToJson())]),
        ["leaks"] = new JsonArray([.. Leaks.Take(50).Select(l => (JsonNode)l!)]),
    };

    private static JsonObject Count(string name, long value) => new() { ["name"] = name, ["unit"] = "", ["median"] = value, ["min"] = value, ["max"] = value, ["runs"] = 1 };
}
