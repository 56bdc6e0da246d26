using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>A real server application from Debian's packages, in a pVM under QEMU.</summary>
public sealed class RedisTests
{
    private const string Id = "redis";

    [Theory]
    [InlineData("tcg")]
    [InlineData("process")]
    public async Task Redis_runs_from_a_verified_root_answers_a_permitted_exec_and_stops_on_TERM_with_status_0(string machine)
    {
        await using Node node = new(machine);
        (string root, string layout) = await RedisImage.BuildAsync(Path.Combine(Tree.Cache, "redis"));
        string annotation = await Owner.AnnotationAsync(RedisPolicy.Yaml(await Owner.RootHashAsync(layout)));
        JsonObject config = Bundle.Config(root, [.. RedisPolicy.Args], RedisImage.Uid, "/data");
        string log = Path.Combine(node.Folder, "redis.log");

        Task<CommandResult> run = node.RuntimeToFileAsync(log, "run", "--bundle", node.Bundle(Id, config, annotation), Id);
        await WaitForTextAsync(log, "Ready to accept connections", run);
        Assert.Equal("PONG", (await node.RuntimeAsync("exec", Id, "redis-cli", "ping")).OrThrow("ping").Output.Trim());
        Assert.Equal("OK", (await node.RuntimeAsync("exec", Id, "redis-cli", "set", "greeting", "hello")).OrThrow("set").Output.Trim());
        Assert.Equal("running", (string?)(await node.StateOfAsync(Id))["status"]);
        (await node.RuntimeAsync("kill", Id, "TERM")).OrThrow("kill");

        CommandResult ended = await run;
        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("ready to exit", await File.ReadAllTextAsync(log), StringComparison.Ordinal);
    }

    private static async Task WaitForTextAsync(string file, string text, Task<CommandResult> running)
    {
        for (int i = 0; i < 600; i++)
        {
            if (File.Exists(file) && (await File.ReadAllTextAsync(file)).Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            if (running.IsCompleted)
            {
                break;
            }

            await Task.Delay(100);
        }

        Assert.Fail($"'{text}' was not seen: {(File.Exists(file) ? await File.ReadAllTextAsync(file) : "no output")}");
    }
}
