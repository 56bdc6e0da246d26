using System.Text;
using System.Text.Json.Nodes;
using Pavise.Boundary;
using Pavise.Guest.Tests.ProcessMachine;
using Pavise.Session.Logs;

namespace Pavise.Guest.Tests.Sessions;

/// <summary>Output that leads to the owners, with the real guest.</summary>
public sealed class SealedOutputTests
{
    [Fact]
    public async Task The_host_carries_lines_that_only_the_owner_opens_and_that_name_the_run()
    {
        await using OwnerScene scene = await OwnerScene.StartAsync(
            "echo CANARY; echo bad >&2; head -c 100000 /dev/zero | tr '\\0' x; exit 3", new() { ["stdin"] = "none", ["stdout"] = "owner", ["stderr"] = "owner" }, change: p => p["containers"]![0]!["restarts"] = new JsonObject { ["max"] = 1 });
        Collected collected = new();
        SealedLogReader reader = new(scene.Seal, scene, collected) { Container = "main" };
        for (int run = 1; run <= 2; run++)
        {
            string id = run == 1 ? "c" : "d";
            if (run == 2)
            {
                await scene.CreateAsync(id, "echo CANARY; echo bad >&2; head -c 100000 /dev/zero | tr '\\0' x; exit 3");
            }

            Task<string> output = scene.Sandbox.ReadAllAsync(StreamKind.Stdout, id), error = scene.Sandbox.ReadAllAsync(StreamKind.Stderr, id);
            await scene.Sandbox.StartAsync(id);
            Assert.Equal(3u, await scene.Sandbox.WaitAsync(id));
            string[] lines = [.. ((await output) + await error).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
            Assert.All(lines, l => Assert.StartsWith("pavise1.", l, StringComparison.Ordinal));
            Assert.All(lines, l => Assert.InRange(l.Length, 1, LogLimits.LineBytes));
            foreach (string line in lines)
            {
                reader.Line(line);
            }

            await scene.Sandbox.DeleteAsync(id);
        }

        reader.End();
        Assert.Empty(collected.Problems);
        Assert.Equal(["main 1 stdout", "main 1 stderr", "main 2 stdout", "main 2 stderr"], collected.Begun);
        Assert.Equal(string.Concat(Enumerable.Repeat($"CANARY\n{new string('x', 100_000)}bad\n", 2)), collected.Read.ToString());
    }

    [Fact]
    public async Task Output_of_an_exec_is_sealed_where_the_policy_says_so()
    {
        await using OwnerScene scene = await OwnerScene.StartAsync();
        await scene.Sandbox.StartAsync("c");
        JsonObject process = Specs.Process("echo", "sealed");
        process["cwd"] = "/data";
        process["user"] = new JsonObject { ["uid"] = 999, ["gid"] = 999 };
        await scene.Sandbox.ExecAsync("c", "e", process.ToJsonString());
        Collected collected = new();
        SealedLogReader reader = new(scene.Seal, scene, collected);
        foreach (string line in (await scene.Sandbox.ReadAllAsync(StreamKind.Stdout, "c", "e")).Split('\n'))
        {
            reader.Line(line);
        }

        reader.End();
        Assert.Empty(collected.Problems);
        Assert.Equal("sealed\n", collected.Read.ToString());
    }

    private sealed class Collected : ILogReport
    {
        public StringBuilder Read { get; } = new();

        public List<string> Problems { get; } = [];

        public List<string> Begun { get; } = [];

        public void Begins(LogStreamInfo stream, string boot, ulong next) => Begun.Add($"{stream.Container} {stream.Run} {stream.Stream}");

        public void Text(LogStreamInfo stream, long unixMs, ReadOnlySpan<byte> text) => Read.Append(Encoding.UTF8.GetString(text));

        public void Problem(LogProblem problem, string message) => Problems.Add($"{problem}: {message}");
    }
}
