using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Eval.Network;

/// <summary>A redis in a network namespace of its own, under one runtime.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly string runtime;
    private readonly string[] options;
    private readonly string id;
    private readonly Dictionary<string, string> environment;
    private readonly string space;

    private Server(string runtime, string[] options, string id, Dictionary<string, string> environment, string space) =>
        (this.runtime, this.options, this.id, this.environment, this.space) = (runtime, options, id, environment, space);

    /// <summary>The server's address.</summary>
    public string Address { get; private init; } = "";

    /// <summary>Starts redis from the root folder; returns when it answers.</summary>
    /// <param name="number">Tells servers apart: address, names.</param>
    /// <param name="runtime">The OCI runtime.</param>
    /// <param name="options">Its options.</param>
    /// <param name="root">The root folder.</param>
    /// <param name="folder">For the bundle.</param>
    /// <param name="annotation">The policy; null for none.</param>
    /// <param name="environment">Of the runtime.</param>
    public static async Task<Server> StartAsync(int number, string runtime, string[] options, string root, string folder, string? annotation, Dictionary<string, string> environment)
    {
        string space = $"pavise-eval-{number}", outside = $"pve{number}", address = $"10.79.{number}.2";
        await Command.RunAsync("ip", ["netns", "delete", space]);
        foreach (string[] step in new string[][]
        {
            ["netns", "add", space], ["link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", space], ["address", "add", $"10.79.{number}.1/24", "dev", outside], ["link", "set", outside, "up"],
            ["-netns", space, "link", "set", "lo", "up"], ["-netns", space, "address", "add", $"{address}/24", "dev", "eth0"], ["-netns", space, "link", "set", "eth0", "up"],
        })
        {
            (await Command.RunAsync("ip", step)).OrThrow($"ip {string.Join(' ', step)}");
        }

        JsonObject config = Bundle.Config(root, Redis.Args, RedisImage.Uid, "/data");
        config["linux"]!["namespaces"]!.AsArray().Single(n => (string?)n!["type"] == "network")!["path"] = $"/run/netns/{space}";
        config["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/data", ["type"] = "tmpfs", ["source"] = "tmpfs", ["options"] = new JsonArray("mode=1777") });
        if (annotation is not null)
        {
            config["annotations"] = new JsonObject { ["dev.pavise.policy"] = annotation };
        }

        string bundle = Bundle.Write(Path.Combine(folder, $"bundle-{number}"), config), id = $"redis{number}";
        Server server = new(runtime, options, id, environment, space) { Address = address };
        (await Command.RunAsync("/bin/sh", ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1 </dev/null", runtime, .. options, "run", "--detach", "--bundle", bundle, id], environment: environment)).OrThrow($"{runtime} run");
        for (int i = 0; i < 300 && (await Command.RunAsync("redis-cli", ["-h", address, "ping"])).Output.Trim() != "PONG"; i++)
        {
            await Task.Delay(100);
        }

        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await Command.RunAsync(runtime, [.. options, "kill", id, "KILL"], environment: environment);
        await Task.Delay(500);
        await Command.RunAsync(runtime, [.. options, "delete", "--force", id], environment: environment);
        await Command.RunAsync("ip", ["netns", "delete", space]);
    }
}
