using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Integration.Tests.Support;

/// <summary>A runtime under test with a state folder of its own.</summary>
internal sealed class Subject : IAsyncDisposable
{
    private readonly Node? node;
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-conformance-").FullName;
    private readonly string[] prefix;
    private readonly string program;

    public Subject(string runtime)
    {
        node = runtime == "runc" ? null : new Node("process", unshielded: true);
        program = runtime == "runc" ? "runc" : Tree.Bin(runtime);
        prefix = ["--root", node?.State ?? Path.Combine(folder, "run")];
    }

    public async Task<JsonObject> ConfigAsync(params string[] args)
    {
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        JsonObject config = Workloads.Bundle.Config(root, args, env: ["PATH=/bin"]);
        if (node is null)
        {
            // This machine's cgroups are hybrid; runc needs a path that exists in none of the tests' way.
            config["linux"]!["cgroupsPath"] = $"/pavise-conformance-{Path.GetFileName(folder)}";
        }

        return config;
    }

    public string Bundle(JsonObject config) => Workloads.Bundle.Write(Path.Combine(folder, "bundle"), config);

    public Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync(program, [.. prefix, .. arguments], TimeSpan.FromMinutes(1), environment: node?.Environment);

    public Task<CommandResult> ToFileAsync(string file, params string[] arguments) =>
        Command.RunAsync("/bin/sh", ["-c", "exec \"$0\" \"$@\" >\"$OUTPUT\" 2>&1 </dev/null", program, .. prefix, .. arguments], TimeSpan.FromMinutes(1),
            environment: new Dictionary<string, string>(node?.Environment ?? new Dictionary<string, string>()) { ["OUTPUT"] = file });

    public string[] Prefix() => prefix;

    public IReadOnlyDictionary<string, string>? Environment() => node?.Environment;

    public string File(string name) => Path.Combine(folder, name);

    public async Task<string> StatusAsync(string id) => (string)JsonNode.Parse((await RunAsync("state", id)).OrThrow("state").Output)!["status"]!;

    public async Task WaitAsync(string id, string status)
    {
        for (int i = 0; i < 100; i++)
        {
            if (await StatusAsync(id) == status)
            {
                return;
            }

            await Task.Delay(50);
        }

        Assert.Fail($"{id} is {await StatusAsync(id)}, not {status}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string id in (await RunAsync("list", "--quiet")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await RunAsync("delete", "--force", id);
        }

        if (node is not null)
        {
            await node.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }
}
