using System.Globalization;
using Pavise.Cri.Cycles;
using Pavise.Cri.Node;
using Pavise.Eval.Cycles;

// cycles [--machine process|tcg] [--runtime pavise|runc] [--pods N] [--containers N] [--kills N] [--together N]
//   --pods N        N whole pods, one after the other: sandbox, container, exec, stop, remove (default 200)
//   --containers N  N attempts of a container in one pod (default 200)
//   --kills N       N pods, of each of which a random part is killed at a random time (default 40; 0 with runc)
//   --together N    N pods at once (default: what fits, at most 10)
// The exit status is 0 only when nothing was left over.
string Text(string name, string absent) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : absent;
int Number(string name, int absent) => int.Parse(Text(name, absent.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
string runtime = Text("--runtime", "pavise"), machine = Text("--machine", "process");
string root = Repository.Find();
BuiltTree tree = new(Path.Combine(root, "out/bin"), Path.Combine(root, "out/guest/development"), Directory.CreateDirectory(Path.Combine(root, "out/integration")).FullName);
await using ClusterNode node = await ClusterNode.StartAsync(tree, machine);
string pod = await node.PodAsync(runtime, CyclePods.Spec, CyclePods.Policy(node));
bool clean = true;

void Report(string what, CycleReport report)
{
    Console.WriteLine($"{report.Cycles} {what} on {runtime}{(runtime == "pavise" ? $" ({machine})" : "")}: median {report.MedianSeconds:F3} s, {report.Seconds.Min():F3} to {report.Seconds.Max():F3} s");
    foreach ((string name, long before, long after) in report.Rows())
    {
        Console.WriteLine($"  {name}: {before} before, {after} after");
    }

    foreach (string left in report.Leftovers)
    {
        Console.WriteLine($"  LEFT OVER: {left}");
    }

    clean &= report.Leftovers.Count == 0;
}

if (Number("--pods", 200) is int pods and > 0)
{
    Report("pods", await PodCycles.PodsAsync(node, pod, CyclePods.Exec, pods));
}

if (Number("--containers", 200) is int containers and > 0)
{
    Report("containers in one pod", await PodCycles.ContainersAsync(node, pod, CyclePods.Exec, containers));
}

int kills = runtime == "pavise" ? Number("--kills", 40) : 0, most = machine == "tcg" ? 6000 : 2000;
for (int i = 0; i < kills; i++)
{
    Victim victim = Enum.GetValues<Victim>()[i % 3];
    Death death = await RandomKills.StrikeAsync(node, pod, CyclePods.Exec, victim, TimeSpan.FromMilliseconds(Random.Shared.Next(most)));
    Console.WriteLine($"kill {death.Victim} after {death.After.TotalSeconds:F2} s: {(death.Wrong.Count == 0 ? "well" : $"WRONG: {string.Join("; ", death.Wrong)}")} ({death.Outcome})");
    clean &= death.Wrong.Count == 0;
}

if (Number("--together", Together.Fitting(machine)) is int together and > 0)
{
    TogetherReport report = await Together.RunAsync(node, pod, CyclePods.Exec, together);
    Console.WriteLine($"{together} pods at once on {runtime}{(runtime == "pavise" ? $" ({machine})" : "")}: all answered after {report.Seconds:F1} s; {report.Bytes >> 20} MiB in their processes");
}

return clean ? 0 : 1;
