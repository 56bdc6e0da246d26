using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Quickstart;

/// <summary>From Debian packages to a redis-server in a pVM, with what an orchestrator may and may not do.</summary>
internal sealed class Walkthrough(Tools tools, string folder)
{
    private const string Id = "quickstart-redis";

    private readonly string log = Path.Combine(folder, "redis.log");

    private string root = "", layout = "", rootHash = "", annotation = "";

    public async Task RunAsync(Steps steps)
    {
        Console.WriteLine("The owner");
        bool ready =
            await steps.RunAsync("OCI image of redis-server made from Debian's packages", BuildImageAsync) &&
            await steps.RunAsync("root hash of the image computed", HashAsync) &&
            await steps.RunAsync("policy written, checked and compiled", PolicyAsync);
        if (!ready)
        {
            return;
        }

        Console.WriteLine("The orchestrator, within the policy");
        if (await steps.RunAsync("container created and started in a pVM", StartAsync))
        {
            await steps.RunAsync("permitted exec: redis-cli ping", () => ExecAsync("PONG", "redis-cli", "ping"));
            await steps.RunAsync("permitted exec: redis-cli set, get", SetAndGetAsync);
            await steps.RunAsync("state names machine and shield", StateAsync);
            Console.WriteLine("A malicious orchestrator");
            await steps.RunAsync("injected LD_PRELOAD had no effect", () => ExecWithoutAsync("LD_PRELOAD", "cat", "/proc/1/environ"));
            await steps.RunAsync("added capabilities had no effect", () => ExecAsync("CapEff:\t0000000000000000", "cat", "/proc/1/status"));
            await steps.RunAsync("exec of another program is refused", () => RefusedAsync("exec", Id, "cat", "/etc/passwd"));
            await steps.RunAsync("exec as root is refused", () => RefusedAsync("exec", "--user", "0:0", Id, "redis-cli", "ping"));
            await steps.RunAsync("a signal not listed is refused", () => RefusedAsync("kill", Id, "USR1"));
            await steps.RunAsync("TERM stops redis cleanly with status 0", StopAsync);
            await steps.RunAsync("container deleted, nothing left over", DeleteAsync);
        }

        await steps.RunAsync("other arguments are refused at create", () => RefusedCreateAsync("args", c => c["process"]!["args"] = new JsonArray("redis-server", "--protected-mode", "no")));
        await steps.RunAsync("a hook is refused at create", () => RefusedCreateAsync("hooks", c => c["hooks"] = JsonNode.Parse("""{"prestart":[{"path":"/bin/true"}]}""")));
        await steps.RunAsync("a changed image is refused", ChangedImageAsync);
        await steps.RunAsync("without a policy nothing runs", WithoutPolicyAsync);
    }

    private async Task<string> BuildImageAsync()
    {
        (root, layout) = await RedisImage.BuildAsync(Path.Combine(folder, "image"));
        return layout;
    }

    private async Task<string> HashAsync() => rootHash = (await tools.OwnerAsync("image", "hash", layout)).OrThrow("pavise image hash").Output.Trim();

    private async Task<string> PolicyAsync()
    {
        string file = Path.Combine(folder, "policy.yaml");
        await File.WriteAllTextAsync(file, RedisPolicy.Yaml(rootHash));
        (await tools.OwnerAsync("policy", "check", file)).OrThrow("pavise policy check");
        annotation = (await tools.OwnerAsync("policy", "annotation", file)).OrThrow("pavise policy annotation").Output.Trim();
        return (await tools.OwnerAsync("policy", "digest", file)).OrThrow("pavise policy digest").Output.Trim();
    }

    private JsonObject Config(string rootFolder)
    {
        JsonObject config = Bundle.Config(rootFolder, [.. RedisPolicy.Args], RedisImage.Uid, "/data");
        config["annotations"] = new JsonObject { ["dev.pavise.policy"] = annotation };
        return config;
    }

    private async Task<string> StartAsync()
    {
        JsonObject config = Config(root);
        config["process"]!["env"]!.AsArray().Add("LD_PRELOAD=/tmp/evil.so");
        config["process"]!["capabilities"]!["ambient"] = new JsonArray("CAP_SYS_ADMIN");
        string bundle = Bundle.Write(Path.Combine(folder, "bundle"), config);
        CommandResult created = await tools.RuntimeDetachedAsync(log, "run", "--detach", "--bundle", bundle, Id);
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

    private async Task<string> ExecAsync(string expected, params string[] args)
    {
        string output = (await tools.RuntimeAsync(["exec", Id, .. args])).OrThrow("exec").Output.Trim();
        return output.Contains(expected, StringComparison.Ordinal) ? output.Split('\n').First(l => l.Contains(expected, StringComparison.Ordinal)) : throw new InvalidOperationException($"expected {expected}, saw: {output}");
    }

    private async Task<string> ExecWithoutAsync(string absent, params string[] args)
    {
        string output = (await tools.RuntimeAsync(["exec", Id, .. args])).OrThrow("exec").Output.Replace('\0', ' ').Trim();
        return !output.Contains(absent, StringComparison.Ordinal) ? output : throw new InvalidOperationException($"saw {absent} in: {output}");
    }

    private async Task<string> SetAndGetAsync()
    {
        await ExecAsync("OK", "redis-cli", "set", "greeting", "hello");
        return await ExecAsync("hello", "redis-cli", "get", "greeting");
    }

    private async Task<string> StateAsync()
    {
        JsonNode state = JsonNode.Parse((await tools.RuntimeAsync("state", Id)).OrThrow("state").Output)!;
        string seen = $"status {state["status"]}, machine {state["annotations"]?["dev.pavise.machine"]}, shielded {state["annotations"]?["dev.pavise.shielded"]}";
        return (string?)state["status"] == "running" && (string?)state["annotations"]?["dev.pavise.shielded"] == "true" ? seen : throw new InvalidOperationException(seen);
    }

    private async Task<string> RefusedAsync(params string[] arguments)
    {
        CommandResult result = await tools.RuntimeAsync(arguments);
        return result.ExitCode != 0 && result.Error.Contains("refused by the owner's policy", StringComparison.Ordinal)
            ? result.Error.Trim()
            : throw new InvalidOperationException($"not refused (status {result.ExitCode}): {result.Both}");
    }

    private async Task<string> RefusedCreateAsync(string name, Action<JsonObject> change)
    {
        JsonObject config = Config(root);
        change(config);
        return await RefusedAsync("run", "--detach", "--bundle", Bundle.Write(Path.Combine(folder, $"bundle-{name}"), config), $"{Id}-{name}");
    }

    private async Task<string> ChangedImageAsync()
    {
        string changed = Path.Combine(folder, "changed-root");
        if (!Directory.Exists(changed))
        {
            (await Command.RunAsync("cp", ["-a", root, changed])).OrThrow("cp");
        }

        await File.WriteAllTextAsync(Path.Combine(changed, "etc/passwd"), "root::0:0:root:/root:/bin/false\n");
        return await RefusedAsync("run", "--detach", "--bundle", Bundle.Write(Path.Combine(folder, "bundle-changed"), Config(changed)), $"{Id}-changed");
    }

    private async Task<string> WithoutPolicyAsync()
    {
        JsonObject config = Config(root);
        config.Remove("annotations");
        CommandResult result = await tools.RuntimeAsync("run", "--detach", "--bundle", Bundle.Write(Path.Combine(folder, "bundle-bare"), config), $"{Id}-bare");
        return result.ExitCode != 0 && result.Error.Contains("pavise policy", StringComparison.Ordinal) ? result.Error.Trim() : throw new InvalidOperationException($"not refused: {result.Both}");
    }

    private async Task<string> StopAsync()
    {
        (await tools.RuntimeAsync("kill", Id, "TERM")).OrThrow("kill");
        for (int i = 0; i < 100; i++)
        {
            JsonNode state = JsonNode.Parse((await tools.RuntimeAsync("state", Id)).OrThrow("state").Output)!;
            if ((string?)state["status"] == "stopped")
            {
                string status = (string?)state["annotations"]?["dev.pavise.exit-status"] ?? "absent";
                return status == "0" ? "stopped with exit status 0" : throw new InvalidOperationException($"exit status {status}");
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException("still running 10 s after TERM");
    }

    private async Task<string> DeleteAsync()
    {
        (await tools.RuntimeAsync("delete", Id)).OrThrow("delete");
        string[] left = [.. Directory.EnumerateFileSystemEntries(Path.Combine(folder, "run"), "*", SearchOption.AllDirectories).Where(f => f.Contains(Id, StringComparison.Ordinal))];
        return left.Length == 0 ? "state folder holds nothing of it" : throw new InvalidOperationException($"left over: {string.Join(", ", left)}");
    }
}
