using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>What <c>pavise policy permitted</c> lists is what a running pVM does: each operation that the runtime can ask for is asked, and refused exactly where the list says so.</summary>
public sealed class PermittedTests
{
    private const string Refused = "refused by the owner's policy";

    private const string Wide = """
            exec:
              - { args: [echo, permitted], output: host }
              - { args: [echo, silent], output: exit-code }
            signals: [TERM, HUP, USR1, CONT, RTMIN, KILL]
        """;

    /// <summary>Changes of the configuration, by the words of the list.</summary>
    private static readonly Dictionary<string, Action<JsonObject>> Creates = new()
    {
        ["with another program"] = c => c["process"]!["args"] = new JsonArray("/pavise/other"),
        ["with one argument more"] = c => c["process"]!["args"]!.AsArray().Add("--pavise-other"),
        ["as another user"] = c => c["process"]!["user"]!["uid"] = 23130,
        ["in another folder"] = c => c["process"]!["cwd"] = "/bin",
        ["with an undeclared variable"] = c => c["process"]!["env"]!.AsArray().Add("PAVISE_UNDECLARED=1"),
        ["with hooks"] = c => c["hooks"] = new JsonObject { ["poststop"] = new JsonArray(new JsonObject { ["path"] = "/bin/true" }) },
        ["with a device"] = c => c["linux"]!["devices"] = new JsonArray(new JsonObject { ["path"] = "/dev/mem", ["type"] = "c", ["major"] = 1, ["minor"] = 1 }),
        ["with id mappings"] = c => c["linux"]!["uidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 1, ["size"] = 1 }),
        ["with a climbing path"] = c => c["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/a/../etc", ["type"] = "bind", ["source"] = "/etc", ["options"] = new JsonArray("bind") }),
    };

    public static TheoryData<string, string, string> Policies => new()
    {
        { "process", Wide, "host: { processes: names, stats: exact, pause: allow, resize: { maxMemory: 64Mi } }" },
        { "process", "    signals: [KILL]", "" },
        { "process", "    signals: [INT, KILL]", "strict: true" },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task What_is_listed_as_permitted_is_done_and_what_is_listed_as_refused_is_refused(string machine, string container, string top)
    {
        await using Node node = new(machine);
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string file = Path.Combine(node.Folder, "policy.yaml");
        await File.WriteAllTextAsync(file, $$"""
            apiVersion: pavise.dev/v1
            kind: Policy
            metadata: { name: permitted, version: 1 }
            sandbox: { memory: 512Mi, cpus: 1 }
            containers:
              - name: main
                image: { rootfs: "{{await Owner.RootHashAsync(root)}}" }
                process: { args: [sleep, "1000"], env: { PATH: "/bin" }, cwd: /, user: { uid: 0, gid: 0 } }
            {{container}}
            {{top}}
            attestation: { tees: [sim] }
            """, TestContext.Current.CancellationToken);
        List<JsonNode> list = [.. JsonNode.Parse((await Owner.PaviseAsync("policy", "permitted", file, "--format", "json")).OrThrow("pavise policy permitted").Output)!.AsArray().Select(o => o!)];
        bool Permitted(string point, string operation) => (string)list.Single(o => (string)o["point"]! == point && (string)o["operation"]! == operation && (string)o["subject"]! is "main" or "" && (string)o["point"]! == point && (string)o["operation"]! == operation)["answer"]! == "permitted";
        string annotation = await Owner.AnnotationAsync(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        JsonObject Config()
        {
            JsonObject config = Bundle.Config(root, ["sleep", "1000"], env: ["PATH=/bin"]);
            config["process"]!["capabilities"] = new JsonObject();
            return config;
        }

        List<string> wrong = [];
        void Compare(string point, string operation, CommandResult result)
        {
            if (Permitted(point, operation) == result.Error.Contains(Refused, StringComparison.Ordinal))
            {
                wrong.Add($"{point} {operation}: {result.Error.Trim()}");
            }
        }

        foreach ((string what, Action<JsonObject> change) in Creates)
        {
            JsonObject config = Config();
            change(config);
            string id = $"x{Guid.NewGuid():N}"[..12];

            // A container that was created keeps its output open: a file, not a pipe that would be read to its end.
            string said = Path.Combine(node.Folder, $"{id}.log");
            CommandResult created = await node.RuntimeToFileAsync(said, "create", "--bundle", node.Bundle(id, config, annotation), id);
            Compare("CreateContainer", what, created with { Error = await File.ReadAllTextAsync(said, TestContext.Current.CancellationToken) });
            await node.RuntimeAsync("delete", "--force", id);
        }

        (await node.RuntimeToFileAsync("/dev/null", "run", "--detach", "--bundle", node.Bundle("main", Config(), annotation), "main")).OrThrow("run");
        Compare("ExecProcess", "any other process", await node.RuntimeAsync("exec", "main", "id"));
        foreach (string word in new[] { "permitted", "silent" }.Where(w => container.Contains(w, StringComparison.Ordinal)))
        {
            CommandResult ran = await node.RuntimeAsync("exec", "main", "echo", word);
            Compare("ExecProcess", $"[echo, {word}] as 0:0 in /", ran);
            bool read = (string)list.Single(o => (string)o["point"]! == "OpenStream" && (string)o["subject"]! == $"main exec [echo, {word}] as 0:0 in /" && (string)o["operation"]! == "stdout")["answer"]! == "permitted";
            Assert.Equal(read ? word : "", ran.Output.Trim());
        }

        Compare("ListProcesses", "processes", await node.RuntimeAsync("ps", "main"));
        Compare("ReadStats", "resource use", await node.RuntimeAsync("events", "--stats", "main"));
        Compare("PauseContainer", "freeze", await node.RuntimeAsync("pause", "main"));
        await node.RuntimeAsync("resume", "main");
        if (top.Contains("resize", StringComparison.Ordinal))
        {
            Compare("UpdateResources", "memory (bytes) up to 67108864", await node.RuntimeAsync("update", "--memory", "67108864", "main"));
            Compare("UpdateResources", "memory (bytes) above 67108864", await node.RuntimeAsync("update", "--memory", "67108865", "main"));
        }

        // The first process of a pVM's container ignores what it has no handler for, so only KILL ends it.
        foreach (JsonNode signal in list.Where(o => (string)o["point"]! == "SignalProcess" && (string)o["operation"]! is not ("KILL" or "STOP") && !((string)o["operation"]!).StartsWith("RTMIN+", StringComparison.Ordinal)))
        {
            Compare("SignalProcess", (string)signal["operation"]!, await node.RuntimeAsync("kill", "main", Number((string)signal["operation"]!)));
        }

        Compare("DeleteContainer", "end and remove it by force", await node.RuntimeAsync("delete", "--force", "main"));
        Assert.Empty(wrong);
    }
    /// <summary>Runtimes take real-time signals by their number.</summary>
    private static string Number(string name) => name == "RTMIN" ? "34" : name.StartsWith("RTMIN+", StringComparison.Ordinal) ? $"{34 + int.Parse(name[6..])}" : name;
}
