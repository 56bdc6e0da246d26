using Pavise.Cri.Node;
using Pavise.Host.Machines;
using Pavise.Trojan;
using Pavise.Trojan.Attacks;
using Pavise.Trojan.Cluster;
using Pavise.Trojan.Guest;
using Pavise.Trojan.Oci;
using Pavise.Workloads;

Options options = new(args);
if (options.Has("--help"))
{
    Console.WriteLine(Options.Usage);
    return 0;
}

string repository = Path.GetFullPath(options["--repository"] ?? "."), runtime = options["--runtime"] ?? "pavise";
BuiltTree tree = new(Path.Combine(repository, "out", "bin"), Path.Combine(repository, "out", "guest", "development"), Directory.CreateDirectory(Path.Combine(repository, "out", "integration")).FullName);
string only = options["--only"] ?? "";
Report report;
try
{
    report = options.Has("--visor") ? await VisorRun.RunAsync(tree, Enum.Parse<MachineKind>(options["--machine"] ?? "process", ignoreCase: true), Console.Out)
        : options["--oci"] is string program ? await OciRun.RunAsync(tree, program, options["--machine"] ?? "process", Console.Out)
        : await ClusterRun.RunAsync(tree, runtime, options["--cri"], options["--machine"] ?? "process", only, Console.Out);
}
catch (Exception e) when (e is not OutOfMemoryException)
{
    await Console.Error.WriteLineAsync($"pavise-trojan: {e}");
    return 2;
}

if (options["--output"] is string output)
{
    Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
    await File.WriteAllTextAsync(output, (await report.ToJsonAsync(repository)).ToJsonString(new() { WriteIndented = true }) + "\n");
}

Console.WriteLine(report.Line);
return report.IsGood ? 0 : 1;
