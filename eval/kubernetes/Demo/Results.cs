using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Eval.Kubernetes;

/// <summary>The results file, in the form that all evaluations share (<c>pavise.eval/v1</c>).</summary>
internal static class Results
{
    /// <summary>Steps as cases, their times and what was measured beside them as measurements.</summary>
    public static async Task WriteAsync(string file, string repository, string machine, Steps steps, IReadOnlyDictionary<string, double> megabytes)
    {
        JsonNode run = JsonNode.Parse(steps.ToJson())!;
        JsonArray cases = [], measurements = [];
        foreach (JsonNode step in run["steps"]!.AsArray().OfType<JsonNode>())
        {
            string id = step["name"]!.GetValue<string>();
            cases.Add(new JsonObject { ["id"] = id, ["class"] = "kubernetes", ["expected"] = "holds", ["observed"] = step["detail"]!.GetValue<string>(), ["ok"] = step["ok"]!.GetValue<bool>() });
            measurements.Add(Measurement(id, "ms", step["ms"]!.GetValue<long>()));
        }

        foreach ((string name, double value) in megabytes)
        {
            measurements.Add(Measurement(name, "MiB", Math.Round(value, 1)));
        }

        string commit = (await Command.RunAsync("git", ["-C", repository, "rev-parse", "--short", "HEAD"])).Output.Trim();
        string processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
        JsonObject results = new()
        {
            ["schema"] = "pavise.eval/v1",
            ["name"] = $"kubernetes-{machine}",
            ["commit"] = commit,
            ["machine"] = $"{processor}, {Environment.ProcessorCount} CPUs",
            ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd"),
            ["ok"] = steps.Ok,
            ["measurements"] = measurements,
            ["cases"] = cases,
        };
        await File.WriteAllTextAsync(file, results.ToJsonString(new() { WriteIndented = true }) + "\n");
    }

    private static JsonObject Measurement(string name, string unit, double value) =>
        new() { ["name"] = name, ["unit"] = unit, ["median"] = value, ["min"] = value, ["max"] = value, ["runs"] = 1 };
}
