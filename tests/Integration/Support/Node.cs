using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Integration.Tests.Support;

/// <summary>
/// One node as an orchestrator sees it: a runtime with its own state folder, image cache and configuration. Disposing it deletes what
/// is left and fails when a process, mount or file of it survives.
/// </summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly Dictionary<string, string> environment;

    public Node(string machine, bool unshielded = false, string flavour = "development", string extra = "")
    {
        Folder = Directory.CreateTempSubdirectory("pavise-test-").FullName;
        State = Path.Combine(Folder, "run");
        Images = Path.Combine(Folder, "images");
        string configuration = Path.Combine(Folder, "config.toml");
        File.WriteAllText(configuration, $"""
            machine = "{machine}"
            guest = "{Tree.Guest(flavour)}"
            cache = "{Images}"
            unshielded = {(unshielded ? "true" : "false")}
            {extra}
            """);
        environment = new() { ["PAVISE_CONFIG"] = configuration };
    }

    public string Folder { get; }

    public string State { get; }

    public string Images { get; }

    public IReadOnlyDictionary<string, string> Environment => environment;

    /// <summary>Runs <c>pavise-runtime</c> with captured output.</summary>
    public Task<CommandResult> RuntimeAsync(params string[] arguments) => RuntimeAsync(null, arguments);

    /// <summary>Runs <c>pavise-runtime</c> with something on its standard input.</summary>
    public Task<CommandResult> RuntimeAsync(string? stdin, string[] arguments) =>
        Command.RunAsync(Tree.Bin("pavise-runtime"), ["--root", State, .. arguments], TimeSpan.FromMinutes(2), stdin, environment: environment);

    /// <summary>Runs <c>pavise-runtime</c> with the container's output in a file, as an engine that detaches does.</summary>
    public Task<CommandResult> RuntimeToFileAsync(string outputFile, params string[] arguments) =>
        Command.RunAsync("/bin/sh", ["-c", "exec \"$0\" \"$@\" >\"$OUTPUT\" 2>&1 </dev/null", Tree.Bin("pavise-runtime"), "--root", State, .. arguments], TimeSpan.FromMinutes(2),
            environment: new Dictionary<string, string>(environment) { ["OUTPUT"] = outputFile });

    /// <summary>A program that is the runtime with this node's configuration, for engines that pass no environment on.</summary>
    public string Wrapper()
    {
        string file = Path.Combine(Folder, "runtime");
        File.WriteAllText(file, $"#!/bin/sh\nPAVISE_CONFIG={Path.Combine(Folder, "config.toml")} exec {Tree.Bin("pavise-runtime")} --root {State} \"$@\"\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }

    /// <summary>Writes a bundle with the policy as annotation.</summary>
    public string Bundle(string name, JsonObject config, string? policyAnnotation)
    {
        if (policyAnnotation is not null)
        {
            JsonObject annotations = config["annotations"] as JsonObject ?? [];
            annotations["dev.pavise.policy"] = policyAnnotation;
            config["annotations"] = annotations;
        }

        return Workloads.Bundle.Write(Path.Combine(Folder, "bundles", name), config);
    }

    public async Task<JsonNode> StateOfAsync(string id) => JsonNode.Parse((await RuntimeAsync("state", id)).OrThrow("state").Output)!;

    public async Task WaitForStatusAsync(string id, string status)
    {
        for (int i = 0; i < 200; i++)
        {
            if ((string?)(await StateOfAsync(id))["status"] == status)
            {
                return;
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException($"{id} did not become {status}");
    }

    /// <summary>Everything on the machine that still belongs to this node: processes, mounts, files of its state folder.</summary>
    public IReadOnlyList<string> Leftovers()
    {
        List<string> found = [];
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)))
        {
            try
            {
                string line = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
                if (line.Contains(Folder, StringComparison.Ordinal))
                {
                    found.Add($"process {Path.GetFileName(process)}: {line}");
                }
            }
            catch (IOException)
            {
                // The process ended meanwhile.
            }
        }

        found.AddRange(File.ReadAllLines("/proc/self/mountinfo").Where(m => m.Contains(Folder, StringComparison.Ordinal)).Select(m => $"mount {m}"));
        if (Directory.Exists(State))
        {
            found.AddRange(Directory.EnumerateFileSystemEntries(State, "*", SearchOption.AllDirectories)
                .Where(f => !Directory.Exists(f) || Directory.EnumerateFileSystemEntries(f).Any())
                .Where(f => File.Exists(f) && !f.EndsWith(".log", StringComparison.Ordinal))
                .Select(f => $"file {f}"));
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        CommandResult list = await RuntimeAsync("list", "--quiet");
        foreach (string id in list.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await RuntimeAsync("delete", "--force", id);
        }

        IReadOnlyList<string> left = Leftovers();
        for (int i = 0; i < 50 && left.Count > 0; i++)
        {
            await Task.Delay(100);
            left = Leftovers();
        }

        Directory.Delete(Folder, recursive: true);
        Assert.Empty(left);
    }
}
