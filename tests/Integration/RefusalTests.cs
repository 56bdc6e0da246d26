using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>What the policy does not say is refused, with its reason, and its benign neighbour works.</summary>
public sealed class RefusalTests
{
    private static readonly Dictionary<string, Action<JsonObject>> HostileSpecs = new()
    {
        ["other arguments"] = c => c["process"]!["args"] = new JsonArray("sleep", "1"),
        ["another user"] = c => c["process"]!["user"] = new JsonObject { ["uid"] = 1, ["gid"] = 1 },
        ["another working directory"] = c => c["process"]!["cwd"] = "/data",
        ["a terminal"] = c => c["process"]!["terminal"] = true,
        ["a hook"] = c => c["hooks"] = new JsonObject { ["createRuntime"] = new JsonArray(new JsonObject { ["path"] = "/bin/true" }) },
        ["a device"] = c => c["linux"]!["devices"] = new JsonArray(new JsonObject { ["path"] = "/dev/mem", ["type"] = "c", ["major"] = 1, ["minor"] = 1, ["fileMode"] = 438 }),
        ["an id mapping"] = c => c["linux"]!["uidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 1000, ["size"] = 1 }),
    };

    public static TheoryData<string> SpecNames => [.. HostileSpecs.Keys];

    [Theory]
    [MemberData(nameof(SpecNames))]
    public async Task A_container_that_the_policy_does_not_describe_is_refused_at_create(string name)
    {
        await using Node node = new("tcg");
        (JsonObject config, string annotation) = await IdleAsync();
        HostileSpecs[name](config);

        string[] console = name == "a terminal" ? ["--console-socket", ConsoleSocket(node)] : [];
        CommandResult refused = await node.RuntimeAsync(["create", "--bundle", node.Bundle("hostile", config, annotation), .. console, "hostile"]);

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("refused by the owner's policy, decision ", refused.Error, StringComparison.Ordinal);
        Assert.Equal("", (await node.RuntimeAsync("list", "--quiet")).Output.Trim());
    }

    [Fact]
    public async Task In_a_running_container_only_what_the_policy_lists_can_be_done()
    {
        await using Node node = new("tcg");
        (JsonObject config, string annotation) = await IdleAsync();
        (await node.RuntimeToFileAsync("/dev/null", "run", "--detach", "--bundle", node.Bundle("idle", config, annotation), "idle")).OrThrow("run");

        Assert.Equal("permitted", (await node.RuntimeAsync("exec", "idle", "echo", "permitted")).OrThrow("the permitted exec").Output.Trim());
        Assert.Equal(0, (await node.RuntimeAsync("exec", "--user", "65534:65534", "idle", "id", "-u")).ExitCode);
        Assert.Equal("", (await node.RuntimeAsync("exec", "idle", "cat", "/etc/passwd")).Output);

        await RefusedAsync(node, "exec", "idle", "cat", "/proc/1/environ");
        await RefusedAsync(node, "exec", "idle", "echo", "permitted", "more");
        await RefusedAsync(node, "exec", "idle", "echo");
        await RefusedAsync(node, "exec", "--user", "1000:1000", "idle", "echo", "permitted");
        await RefusedAsync(node, "exec", "--cwd", "/data", "idle", "echo", "permitted");
        await RefusedAsync(node, "kill", "idle", "USR1");
        await RefusedAsync(node, "kill", "idle", "HUP");
        await RefusedAsync(node, "pause", "idle");
        await RefusedAsync(node, "update", "--memory", "1073741824", "idle");

        (await node.RuntimeAsync("kill", "idle", "KILL")).OrThrow("the permitted signal");
        await node.WaitForStatusAsync("idle", "stopped");
        (await node.RuntimeAsync("delete", "idle")).OrThrow("delete");
    }

    private static async Task RefusedAsync(Node node, params string[] arguments)
    {
        CommandResult result = await node.RuntimeAsync(arguments);
        Assert.True(result.ExitCode != 0 && result.Error.Contains("refused by the owner's policy, decision ", StringComparison.Ordinal), $"{string.Join(' ', arguments)}: status {result.ExitCode}: {result.Both}");
    }

    private static string ConsoleSocket(Node node)
    {
        string path = Path.Combine(node.Folder, "console.sock");
        System.Net.Sockets.Socket listener = new(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        listener.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
        listener.Listen();
        return path;
    }

    private static async Task<(JsonObject Config, string Annotation)> IdleAsync()
    {
        (string root, string layout) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string policy = Policies.Plain(await Owner.RootHashAsync(layout), "[sleep, \"100000\"]", """
                exec:
                  - { args: [echo, permitted], output: host }
                  - { args: [cat, /etc/passwd], output: exit-code }
                  - { args: [id, -u], user: { uid: 65534, gid: 65534 }, output: exit-code }
            """).Replace("pause: allow", "pause: refuse", StringComparison.Ordinal);
        return (Bundle.Config(root, ["sleep", "100000"], env: ["PATH=/usr/bin:/bin"]), await Owner.AnnotationAsync(policy));
    }
}
