using System.Diagnostics;
using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>Whatever is missing, malformed or dies: a clear error on standard error and in the log, and nothing left over (the node checks that).</summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData("[qemu]\npath = \"/no/such/qemu\"", "qemu-system-x86")]
    [InlineData("[qemu]\nmemory_mib = 1", "memory_mib")]
    [InlineData("surprise = 1", "surprise")]
    public async Task A_wrong_configuration_is_named(string extra, string expected) => await FailsAsync(new Node("tcg", extra: extra), expected, _ => { }, null);

    [Fact]
    public async Task A_missing_guest_image_is_named_with_the_command_that_makes_it() => await FailsAsync(new Node("tcg", flavour: "absent"), "pavise guest build", _ => { }, null);

    [Fact]
    public async Task A_guest_that_never_answers_is_given_up_after_the_configured_time()
    {
        string image = Directory.CreateTempSubdirectory("pavise-guest-").FullName;
        try
        {
            (await Command.RunAsync("cp", ["-a", Tree.Guest("development") + "/.", image])).OrThrow("cp");
            byte[] kernel = await File.ReadAllBytesAsync(Path.Combine(image, "vmlinuz"));
            Array.Clear(kernel, kernel.Length / 2, kernel.Length / 4);
            await File.WriteAllBytesAsync(Path.Combine(image, "vmlinuz"), kernel);
            await FailsAsync(new Node("tcg", flavour: image, extra: "timeout_seconds = 10"), "guest", _ => { }, null);
        }
        finally
        {
            Directory.Delete(image, recursive: true);
        }
    }

    [Theory]
    [InlineData("not base64!", "pavise policy annotation")]
    [InlineData("aGVsbG8=", "pavise policy annotation")]
    public async Task A_malformed_policy_annotation_is_named(string annotation, string expected) => await FailsAsync(new Node("process"), expected, _ => { }, annotation);

    [Fact]
    public async Task A_configuration_of_the_wrong_type_is_refused_with_the_field() =>
        await FailsAsync(new Node("process"), "process.env", c => c["process"]!["env"] = "PATH=/bin", null);

    [Fact]
    public async Task When_the_VMM_is_killed_the_container_ends_with_137_and_says_why()
    {
        await using Node node = new("tcg");
        (JsonObject config, string annotation) = await IdleAsync();
        (await node.RuntimeToFileAsync("/dev/null", "run", "--detach", "--bundle", node.Bundle("idle", config, annotation), "idle")).OrThrow("run");
        foreach (Process process in Process.GetProcessesByName("qemu-system-x86_64"))
        {
            // Only this node's: its visor's child.
            if (IsDescendantOf(process.Id, node.Folder))
            {
                process.Kill();
            }
        }

        await node.WaitForStatusAsync("idle", "stopped");
        JsonNode state = await node.StateOfAsync("idle");
        Assert.Equal("137", (string?)state["annotations"]!["dev.pavise.exit-status"]);
        Assert.Contains("pVM", (string?)state["annotations"]!["dev.pavise.failure"], StringComparison.Ordinal);
        Assert.NotEqual(0, (await node.RuntimeAsync("exec", "idle", "true")).ExitCode);
        (await node.RuntimeAsync("delete", "idle")).OrThrow("delete");
    }

    private static bool IsDescendantOf(int pid, string folder)
    {
        for (int i = 0; i < 5 && pid > 1; i++)
        {
            string visorLog = Path.Combine("/proc", pid.ToString(), "fd");
            if (Directory.Exists(visorLog) && Directory.EnumerateFileSystemEntries(visorLog).Any(f => File.ResolveLinkTarget(f, false)?.FullName.StartsWith(folder, StringComparison.Ordinal) == true))
            {
                return true;
            }

            string stat = File.ReadAllText($"/proc/{pid}/stat");
            pid = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
        }

        return false;
    }

    private static async Task FailsAsync(Node node, string expected, Action<JsonObject> change, string? annotation)
    {
        await using (node)
        {
            (JsonObject config, string good) = await IdleAsync();
            change(config);
            string log = Path.Combine(node.Folder, "log.json");
            CommandResult result = await node.RuntimeAsync("--log", log, "--log-format", "json", "run", "--bundle", node.Bundle("bad", config, annotation ?? good), "bad");
            Assert.Equal(1, result.ExitCode);
            Assert.Contains(expected, result.Error, StringComparison.Ordinal);
            JsonNode last = JsonNode.Parse(File.ReadLines(log).Last())!;
            Assert.Equal("error", (string?)last["level"]);
            Assert.Contains(expected, (string?)last["msg"], StringComparison.Ordinal);
            Assert.Equal("", (await node.RuntimeAsync("list", "--quiet")).Output.Trim());
        }
    }

    private static async Task<(JsonObject Config, string Annotation)> IdleAsync()
    {
        (string root, string layout) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        return (Bundle.Config(root, ["sleep", "1000"], env: ["PATH=/usr/bin:/bin"]), await Owner.AnnotationAsync(Policies.Plain(await Owner.RootHashAsync(layout), "[sleep, \"1000\"]")));
    }
}
