using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Quickstart;

/// <summary>The node: <c>pavise-runtime</c> with a configuration, a state folder and an image cache of its own. All of <see cref="Folder"/> is the host's to see.</summary>
internal sealed class Node
{
    private readonly string runtime, state;
    private readonly Dictionary<string, string> environment;

    public Node(string repository, string folder, string machine)
    {
        Folder = folder;
        runtime = Path.Combine(repository, "out", "bin", "pavise-runtime");
        state = Path.Combine(folder, "run");
        Directory.CreateDirectory(state);
        string configuration = Path.Combine(folder, "config.toml");
        File.WriteAllText(configuration, $"""
            machine = "{machine}"
            guest = "{Path.Combine(repository, "out", "guest", "development")}"
            cache = "{Path.Combine(folder, "images")}"
            """);
        environment = new() { ["PAVISE_CONFIG"] = configuration };
    }

    public string Folder { get; }

    /// <summary>Runs <c>pavise-runtime</c>.</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) =>
        Command.RunAsync(runtime, ["--root", state, .. arguments], environment: environment);

    /// <summary>Runs <c>pavise-runtime</c> without waiting for the end of the container's output, which goes to a file.</summary>
    public Task<CommandResult> RunDetachedAsync(string outputFile, params string[] arguments) =>
        Command.RunAsync("/bin/sh", ["-c", "exec \"$0\" \"$@\" >\"$OUTPUT\" 2>&1 </dev/null", runtime, "--root", state, .. arguments],
            environment: new Dictionary<string, string>(environment) { ["OUTPUT"] = outputFile });

    /// <summary>Process ids of the running visors.</summary>
    public IEnumerable<int> Visors() => Directory.EnumerateFiles(state, "visor.json", SearchOption.AllDirectories).Select(f => (int)JsonNode.Parse(File.ReadAllText(f))!["pid"]!);

    /// <summary>What of a container is left in the state folder.</summary>
    public IEnumerable<string> Remains(string id) => Directory.EnumerateFileSystemEntries(state, "*", SearchOption.AllDirectories).Where(f => f.Contains(id, StringComparison.Ordinal));
}
