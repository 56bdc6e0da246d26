using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Quickstart;

/// <summary>What an orchestrator does with a container, and what a malicious one tries.</summary>
internal sealed class Orchestrator(Node node, string root, string annotation)
{
    private const string Id = "quickstart-redis";
    private readonly string log = Path.Combine(node.Folder, "redis.log");

    public async Task<string> StartWithoutSecretAsync()
    {
        CommandResult result = await node.RunAsync("run", "--detach", "--bundle", BundleOf("too-early", Config(root)), $"{Id}-early");
        return result.ExitCode != 0 && result.Error.Contains("released nothing", StringComparison.Ordinal) && !result.Both.Contains("Redis", StringComparison.Ordinal)
            ? result.Error.Trim()
            : throw new InvalidOperationException($"not refused (status {result.ExitCode}): {result.Both}");
    }

    public async Task<string> StartAsync()
    {
        JsonObject config = Config(root);
        config["process"]!["env"]!.AsArray().Add("LD_PRELOAD=/tmp/evil.so");
        config["process"]!["capabilities"]!["ambient"] = new JsonArray("CAP_SYS_ADMIN");
        CommandResult created = await node.RunDetachedAsync(log, "run", "--detach", "--bundle", BundleOf("redis", config), Id);
        if (created.ExitCode != 0)
        {
            throw new InvalidOperationException(await File.ReadAllTextAsync(log));
        }

        for (int i = 0; i < 100; i++)
        {
            if ((await File.ReadAllTextAsync(log)).Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                return "redis logged: Ready to accept connections";
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException($"redis did not get ready: {await File.ReadAllTextAsync(log)}");
    }

    public async Task<string> ExecAsync(string expected, params string[] args)
    {
        string output = (await node.RunAsync(["exec", Id, .. args])).OrThrow("exec").Both;
        return output.Contains(expected, StringComparison.Ordinal) ? output.Split('\n').First(l => l.Contains(expected, StringComparison.Ordinal)) : throw new InvalidOperationException($"expected {expected}, saw: {output}");
    }

    /// <summary>The names, not the values, of the first process' variables.</summary>
    public async Task<string> VariablesAsync()
    {
        string[] names = (await node.RunAsync("exec", Id, "cut", "-z", "-d=", "-f1", "/proc/1/environ")).OrThrow("exec").Output.Split(['\0', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return names.Contains("PATH") && !names.Contains("LD_PRELOAD") ? string.Join(' ', names) : throw new InvalidOperationException($"saw {string.Join(' ', names)}");
    }

    public async Task<string> SetAndGetAsync()
    {
        await ExecAsync("OK", "redis-cli", "set", "greeting", "hello");
        return await ExecAsync("hello", "redis-cli", "get", "greeting");
    }

    public async Task<string> StateAsync()
    {
        JsonNode state = await ReadStateAsync();
        string seen = $"status {state["status"]}, machine {state["annotations"]?["dev.pavise.machine"]}, shielded {state["annotations"]?["dev.pavise.shielded"]}";
        return (string?)state["status"] == "running" && (string?)state["annotations"]?["dev.pavise.shielded"] == "true" ? seen : throw new InvalidOperationException(seen);
    }

    public Task<string> RefusedExecAsync(params string[] args) => RefusedExecAsync(args, []);

    public Task<string> RefusedExecAsync(string[] args, params string[] options) => RefusedAsync(["exec", .. options, Id, .. args]);

    public Task<string> RefusedSignalAsync() => RefusedAsync("kill", Id, "USR1");

    public Task<string> RefusedCreateAsync(string name, Action<JsonObject> change)
    {
        JsonObject config = Config(root);
        change(config);
        return RefusedAsync("run", "--detach", "--bundle", BundleOf(name, config), $"{Id}-{name}");
    }

    public async Task<string> ChangedImageAsync()
    {
        string changed = Path.Combine(node.Folder, "changed-root");
        if (!Directory.Exists(changed))
        {
            (await Command.RunAsync("cp", ["-a", root, changed])).OrThrow("cp");
        }

        await File.WriteAllTextAsync(Path.Combine(changed, "etc/passwd"), "root::0:0:root:/root:/bin/false\n");
        return await RefusedAsync("run", "--detach", "--bundle", BundleOf("changed", Config(changed)), $"{Id}-changed");
    }

    public async Task<string> WithoutPolicyAsync()
    {
        JsonObject config = Config(root);
        config.Remove("annotations");
        CommandResult result = await node.RunAsync("run", "--detach", "--bundle", BundleOf("bare", config), $"{Id}-bare");
        return result.ExitCode != 0 && result.Error.Contains("pavise policy", StringComparison.Ordinal) ? result.Error.Trim() : throw new InvalidOperationException($"not refused: {result.Both}");
    }

    public async Task<string> StopAsync()
    {
        (await node.RunAsync("kill", Id, "TERM")).OrThrow("kill");
        for (int i = 0; i < 100; i++)
        {
            JsonNode state = await ReadStateAsync();
            if ((string?)state["status"] == "stopped")
            {
                string status = (string?)state["annotations"]?["dev.pavise.exit-status"] ?? "absent";
                return status == "0" ? "stopped with exit status 0" : throw new InvalidOperationException($"exit status {status}");
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException("still running 10 s after TERM");
    }

    public async Task<string> DeleteAsync()
    {
        (await node.RunAsync("delete", Id)).OrThrow("delete");
        string[] left = [.. node.Remains(Id)];
        return left.Length == 0 ? "state folder holds nothing of it" : throw new InvalidOperationException($"left over: {string.Join(", ", left)}");
    }

    private JsonObject Config(string rootFolder)
    {
        JsonObject config = Bundle.Config(rootFolder, RedisWithSecret.Args, RedisImage.Uid, "/data");
        config["annotations"] = new JsonObject { ["dev.pavise.policy"] = annotation };
        return config;
    }

    private string BundleOf(string name, JsonObject config) => Bundle.Write(Path.Combine(node.Folder, "bundles", name), config);

    private async Task<JsonNode> ReadStateAsync() => JsonNode.Parse((await node.RunAsync("state", Id)).OrThrow("state").Output)!;

    private async Task<string> RefusedAsync(params string[] arguments)
    {
        CommandResult result = await node.RunAsync(arguments);
        return result.ExitCode != 0 && result.Error.Contains("refused by the owner's policy", StringComparison.Ordinal)
            ? result.Error.Trim()
            : throw new InvalidOperationException($"not refused (status {result.ExitCode}): {result.Both}");
    }
}
