using System.Globalization;
using System.Text.Json.Nodes;
using Pavise.Eval.Network;
using Pavise.Workloads;

// network REPOSITORY [--runs N] [--requests N] [--machine process] [--output FILE]: redis with 50 clients under runc and under pavise, one after the other, N times.
string repository = Path.GetFullPath(args.Length > 0 ? args[0] : ".");
string Option(string name, string absent) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : absent;
int runs = int.Parse(Option("--runs", "5"), CultureInfo.InvariantCulture), requests = int.Parse(Option("--requests", "200000"), CultureInfo.InvariantCulture);
string machine = Option("--machine", "process"), output = Option("--output", Path.Combine(repository, "eval", "results", "network.json"));
string folder = Directory.CreateDirectory(Path.Combine(repository, "out", "eval", "network")).FullName;
string Bin(string program) => Path.Combine(repository, "out", "bin", program);

(string root, _) = await RedisImage.BuildAsync(Path.Combine(repository, "out", "integration", "redis"));
string hash = (await Command.RunAsync(Bin("pavise"), ["image", "hash", root])).OrThrow("pavise image hash").Output.Trim();
string policy = Path.Combine(folder, "policy.yaml"), configuration = Path.Combine(folder, "config.toml");
await File.WriteAllTextAsync(policy, Redis.Policy(hash));
string annotation = (await Command.RunAsync(Bin("pavise"), ["policy", "annotation", policy])).OrThrow("pavise policy annotation").Output.Trim();
await File.WriteAllTextAsync(configuration, $"machine = \"{machine}\"\nguest = \"{Path.Combine(repository, "out", "guest", "development")}\"\ncache = \"{Path.Combine(folder, "images")}\"\n");
Dictionary<string, string> environment = new() { ["PAVISE_CONFIG"] = configuration };

Dictionary<string, List<double>> seen = [];
await using (Server runc = await Server.StartAsync(1, "runc", ["--root", Path.Combine(folder, "runc")], root, folder, null, []))
await using (Server pavise = await Server.StartAsync(2, Bin("pavise-runtime"), ["--root", Path.Combine(folder, "run")], root, folder, annotation, environment))
{
    for (int i = 0; i <= runs; i++)
    {
        foreach ((string name, Server server) in new[] { ("runc", runc), ("pavise", pavise) })
        {
            foreach (int pipeline in new[] { 1, 16 })
            {
                foreach ((string test, double rate) in await Redis.BenchmarkAsync(server.Address, pipeline, pipeline * requests / 4))
                {
                    string key = $"{name} {test} pipeline {pipeline}";
                    seen.TryAdd(key, []);
                    if (i > 0)
                    {
                        seen[key].Add(rate);
                    }
                }
            }
        }
    }
}

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
JsonArray measurements = [], ratios = [];
foreach ((string name, List<double> values) in seen)
{
    measurements.Add(new JsonObject { ["name"] = name, ["unit"] = "requests/s", ["median"] = Median(values), ["min"] = values.Min(), ["max"] = values.Max(), ["runs"] = values.Count });
    Console.WriteLine($"{name}: median {Median(values):F0} requests/s ({values.Min():F0} to {values.Max():F0}, {values.Count} runs)");
}

const double target = 0.4;
foreach (string name in seen.Keys.Where(k => k.StartsWith("pavise", StringComparison.Ordinal)))
{
    string other = name.Replace("pavise", "runc", StringComparison.Ordinal);
    double value = Median(seen[name]) / Median(seen[other]);
    ratios.Add(new JsonObject { ["name"] = $"redis{name[6..]}, {machine}", ["of"] = name, ["to"] = other, ["value"] = Math.Round(value, 4), ["target"] = target, ["better"] = "higher", ["met"] = value >= target });
    Console.WriteLine($"redis{name[6..]}: {value:F3} of runc (target {target}) {(value >= target ? "met" : "MISSED")}");
}

string cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
JsonObject result = new()
{
    ["schema"] = "pavise.eval/v1",
    ["name"] = "network",
    ["commit"] = (await Command.RunAsync("git", ["-C", repository, "rev-parse", "--short", "HEAD"])).Output.Trim(),
    ["machine"] = $"{cpu}, {Environment.ProcessorCount} CPUs, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the end",
    ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    ["measurements"] = measurements,
    ["ratios"] = ratios,
    ["cases"] = new JsonArray(),
};
await File.WriteAllTextAsync(output, result.ToJsonString(new() { WriteIndented = true }) + "\n");
