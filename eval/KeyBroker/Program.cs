using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Pavise.Eval.KeyBroker;

// keybroker REPOSITORY [--seconds N] [--rounds N] [--runs N] [--output FILE]
// The broker is out/bin/pavise-keybroker where it was published (./build), else what was built beside this program.
string repository = Path.GetFullPath(args.Length > 0 ? args[0] : ".");
int Option(string name, int absent) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : absent;
string output = Array.IndexOf(args, "--output") is var o and >= 0 ? args[o + 1] : Path.Combine(repository, "eval", "results", "keybroker.json");
TimeSpan round = TimeSpan.FromSeconds(Option("--seconds", 5));
int rounds = Option("--rounds", 3);
string published = Path.Combine(repository, "out", "bin", "pavise-keybroker");
using BrokerProcess broker = new(File.Exists(published) ? published : null);
List<Measurement> all = [];
string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];
string before = Load();

// Of a guest on a machine of its own: the signature of its processor costs the broker's machine nothing.
const string prepared = "evidence of another machine's processor", signing = "evidence signed on the same CPUs";
IReadOnlyList<Measurement> kept = await Throughput.AttestAsync(broker, 32, kept: true, BrokerProcess.Prepared, prepared, round, rounds);
all.AddRange(kept);
all.AddRange(await Throughput.AttestAsync(broker, 32, kept: false, BrokerProcess.Prepared, prepared, round, rounds));
all.AddRange(await Throughput.AttestAsync(broker, 32, kept: true, BrokerProcess.Guest.Parameters, signing, round, rounds));
all.AddRange(await Latency.MeasureAsync(broker, Option("--runs", 100)));
Measurement keptRate = kept[0];
Measurement Named(string name) => all.First(m => m.Name.StartsWith(name, StringComparison.Ordinal));
Measurement first = Named("connect"), batch = Named("128 secrets in one"), single = Named("128 secrets one");
Ratio[] ratios =
[
    new("attestations a second, kept connections", keptRate.Name, "500/s", keptRate.Median, 500, true),
    new("attest and one secret", first.Name, "30 ms", first.Median, 30, false),
    new("128 secrets", batch.Name, "50 ms", batch.Median, 50, false),
    new("128 secrets, batch against one by one", batch.Name, single.Name, batch.Median / single.Median, 1, false),
];
string cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
using Process git = Process.Start(new ProcessStartInfo("git", ["-C", repository, "rev-parse", "--short", "HEAD"]) { RedirectStandardOutput = true })!;
JsonObject result = new()
{
    ["schema"] = "pavise.eval/v1",
    ["name"] = "keybroker",
    ["commit"] = git.StandardOutput.ReadToEnd().Trim(),
    ["machine"] = $"{cpu}, {Environment.ProcessorCount} CPUs, client and broker on the same ones; load average {before} before, {Load()} after",
    ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    ["measurements"] = new JsonArray([.. all.Select(m => (JsonNode)m.ToJson())]),
    ["ratios"] = new JsonArray([.. ratios.Select(r => (JsonNode)r.ToJson())]),
    ["cases"] = new JsonArray(),
};
Directory.CreateDirectory(Path.GetDirectoryName(output)!);
await File.WriteAllTextAsync(output, result.ToJsonString(new() { WriteIndented = true }) + "\n");
foreach (Measurement m in all)
{
    Console.WriteLine($"{m.Name}: median {m.Median:F2} {m.Unit} ({m.Values.Min():F2} to {m.Values.Max():F2}, p99 {m.Quantile(0.99):F2}, {m.Values.Count} values)");
}

foreach (Ratio r in ratios)
{
    Console.WriteLine($"{r.Name}: {r.Value:F2} (target {r.Target}) {(r.Met ? "met" : "MISSED")}");
}

return 0;
