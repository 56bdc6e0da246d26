using Pavise.Workloads;
using Pavise.Quickstart;

// quickstart REPOSITORY [--json FILE] [--machine NAME]
string repository = args[0], machine = "auto";
string? json = null;
for (int i = 1; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--json" when i + 1 < args.Length:
            json = args[++i];
            break;
        case "--machine" when i + 1 < args.Length:
            machine = args[++i];
            break;
        default:
            Console.Error.WriteLine($"unknown option {args[i]} (known: --json FILE, --machine auto|tcg|kvm|process)");
            return 2;
    }
}

string folder = Path.Combine(repository, "out", "quickstart");
Directory.CreateDirectory(folder);
Steps steps = new();
Node node = new(repository, Path.Combine(folder, "node"), machine);
await using (Owner owner = new(Path.Combine(repository, "out", "bin", "pavise"), Path.Combine(folder, "owner")))
{
    await new Walkthrough(owner, node, folder, Path.Combine(repository, "out", "guest", "development"), machine).RunAsync(steps);
}

if (json is not null)
{
    await File.WriteAllTextAsync(json, steps.ToJson());
}

Console.WriteLine(steps.Ok ? "All steps held." : "Some steps failed.");
return steps.Ok ? 0 : 1;
