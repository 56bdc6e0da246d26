using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Pavise.Workloads;

/// <summary>Runs named steps, shows each as it ends, and collects them for the summary.</summary>
public sealed class Steps
{
    private readonly JsonArray steps = [];

    /// <summary>Whether every step so far held.</summary>
    public bool Ok { get; private set; } = true;

    /// <summary>Runs one step. Its delegate returns what was seen, or throws what was wrong.</summary>
    public async Task<bool> RunAsync(string name, Func<Task<string>> step)
    {
        if (!Console.IsOutputRedirected)
        {
            Console.Write($"  …    {name}\r");
        }

        Stopwatch watch = Stopwatch.StartNew();
        bool ok = true;
        string detail;
        try
        {
            detail = await step();
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            (ok, detail) = (false, e.Message);
        }

        Ok &= ok;
        steps.Add(new JsonObject { ["name"] = name, ["ok"] = ok, ["ms"] = watch.ElapsedMilliseconds, ["detail"] = detail });
        Console.WriteLine($"  {(ok ? "ok  " : "FAIL")} {name} ({watch.ElapsedMilliseconds} ms)");
        foreach (string line in detail.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Console.WriteLine($"         {line}");
        }

        return ok;
    }

    /// <summary>The whole run as JSON: <c>{"ok", "steps": [{"name", "ok", "ms", "detail"}]}</c>.</summary>
    public string ToJson() => new JsonObject { ["ok"] = Ok, ["steps"] = steps.DeepClone() }.ToJsonString(new() { WriteIndented = true });
}
