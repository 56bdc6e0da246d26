using System.Globalization;
using System.Text.Json.Nodes;
using Pavise.Eval.Overhead;
using Pavise.Workloads;

// overhead REPOSITORY [--tcg-runs N] [--process-runs N] [--shim-runs N] [--output FILE]
// overhead REPOSITORY --shims [--shim-runs N]: only that part, printed and not written
string repository = Path.GetFullPath(args.Length > 0 ? args[0] : ".");
int Option(string name, int absent) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1]) : absent;
string output = Array.IndexOf(args, "--output") is var o and >= 0 ? args[o + 1] : Path.Combine(repository, "eval", "results", "overhead.json");
string folder = Directory.CreateDirectory(Path.Combine(repository, "out", "eval")).FullName;
Starts starts = new(repository, folder);
if (args.Contains("--shims"))
{
    Print(await new Shims(repository, folder).MeasureAsync(Option("--shim-runs", 30)));
    return 0;
}

List<Measurement> all = [.. Decisions.Measure()];
Console.WriteLine("decisions: done");
(Measurement runc, Measurement process) = await starts.ProcessAsync(Option("--process-runs", 30));
Console.WriteLine("process against runc: done");
IReadOnlyList<Measurement> shims = await new Shims(repository, folder).MeasureAsync(Option("--shim-runs", 30));
Console.WriteLine("shims: done");
(Measurement floor, Measurement tcg) = await starts.TcgAsync(Option("--tcg-runs", 7));
Console.WriteLine("tcg against the floor: done");
all.AddRange([runc, process, .. shims, floor, tcg, .. await starts.MemoryAsync("process"), .. await starts.MemoryAsync("tcg")]);
Measurement Named(string name) => all.First(m => m.Name.StartsWith(name, StringComparison.Ordinal));
Ratio Against(string name, string of, string to, double target) => new(name, Named(of).Name, Named(to).Name, Named(of).Median / Named(to).Median, target);
Ratio[] ratios =
[
    new("tcg start to first output, against the floor", tcg.Name, floor.Name, tcg.Median / floor.Median, 1.7),
    new("process run, against runc run", process.Name, runc.Name, process.Median / runc.Median, 1.5),
    Against("shim: ctr run to first line", "pavise shim: ctr run", "runc shim: ctr run", 1.0),
    Against("shim: ctr task exec", "pavise shim: ctr task exec", "runc shim: ctr task exec", 0.5),
    Against("shim and visor: memory", "pavise shim PSS", "runc shim PSS", 2.0),
    new("exec decision", "decide ExecProcess", "2 us", Named("decide ExecProcess").Median / 2, 1),
    new("signal decision", "decide SignalProcess", "2 us", Named("decide SignalProcess").Median / 2, 1),
    new("stream decision", "decide OpenStream", "2 us", Named("decide OpenStream").Median / 2, 1),
    new("create decision", "decide CreateContainer", "150 us", Named("decide CreateContainer").Median / 150, 1),
    new("policy load", "load policy", "5 ms", Named("load policy").Median / 5000, 1),
];
string commit = (await Command.RunAsync("git", ["-C", repository, "rev-parse", "--short", "HEAD"])).Output.Trim();
string cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
JsonObject result = new()
{
    ["schema"] = "pavise.eval/v1",
    ["name"] = "overhead",
    ["commit"] = commit,
    ["machine"] = $"{cpu}, {Environment.ProcessorCount} CPUs",
    ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    ["measurements"] = new JsonArray([.. all.Select(m => (JsonNode)m.ToJson())]),
    ["ratios"] = new JsonArray([.. ratios.Select(r => (JsonNode)r.ToJson())]),
    ["cases"] = new JsonArray(),
};
Directory.CreateDirectory(Path.GetDirectoryName(output)!);
await File.WriteAllTextAsync(output, result.ToJsonString(new() { WriteIndented = true }) + "\n");
Print(all);

foreach (Ratio r in ratios)
{
    Console.WriteLine($"{r.Name}: {r.Value:F3} (target {r.Target}) {(r.Value <= r.Target ? "met" : "MISSED")}");
}

return 0;

static void Print(IEnumerable<Measurement> measurements)
{
    foreach (Measurement m in measurements)
    {
        Console.WriteLine($"{m.Name}: median {m.Median:F3} {m.Unit} ({m.Values.Min():F3} to {m.Values.Max():F3}, {m.Values.Count} runs)");
    }
}
