using Pavise.Cri.Node;
using Pavise.Eval.Examples;
using Pavise.Workloads;

// examples FOLDER [--machine tcg|process] [--json FILE]: runs one folder of examples/. The exit status is 0 when every step held.
if (args.Length == 0 || !Directory.Exists(args[0]))
{
    Console.Error.WriteLine("usage: examples FOLDER [--machine tcg|process] [--json FILE]");
    return 2;
}

string Option(string name, string absent) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : absent;
string root = AppContext.BaseDirectory;
while (!File.Exists(Path.Combine(root, "Pavise.slnx")))
{
    root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("Pavise.slnx is in no parent folder of the program");
}

Example example = Example.Read(args[0]);
BuiltTree tree = new(Path.Combine(root, "out/bin"), Path.Combine(root, "out/guest/development"), Directory.CreateDirectory(Path.Combine(root, "out/integration")).FullName);
Steps steps = new();
await new Trial(example, tree, Option("--machine", "tcg"), Path.Combine(root, "out/examples", example.Name), steps).RunAsync();
if (Option("--json", "") is { Length: > 0 } json)
{
    File.WriteAllText(json, steps.ToJson());
}

return steps.Ok ? 0 : 1;
