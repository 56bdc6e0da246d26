using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>A folder of the host, in clear, in a container: where the policy says that the host may see it.</summary>
public sealed class SharedVolumeTests
{
    private const string Script = "cat /data/host; mkdir /data/d; echo one > /data/d/a; mv /data/d/a /data/d/b; ln /data/d/b /data/c; ln -s d/b /data/s; cat /data/s; echo two >> /data/c; cat /data/d/b; rm /data/c; ls /data/d; cat /data/escape; cp /bin/true /data/program; chmod 755 /data/program; /data/program; echo end";

    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task Files_are_seen_on_both_sides_a_link_leads_into_the_container_and_nothing_runs_from_it(string machine)
    {
        await using Node node = new(machine);
        string folder = Path.Combine(node.Folder, "shared"), secret = Path.Combine(node.Folder, "secret");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "host"), "from the host\n");
        await File.WriteAllTextAsync(secret, "THE NODE'S OWN\n");
        File.CreateSymbolicLink(Path.Combine(folder, "escape"), secret);

        string output = await RunAsync(node, folder, "volumes: { data: { kind: shared, visibleToHost: true } }");

        Assert.Contains("from the host\none\none\ntwo\nb\n", output, StringComparison.Ordinal);
        Assert.EndsWith("end\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("THE NODE'S OWN", output, StringComparison.Ordinal);
        Assert.Contains("/data/program: Permission denied", output, StringComparison.Ordinal);
        Assert.Equal("one\ntwo\n", await File.ReadAllTextAsync(Path.Combine(folder, "d/b")));
        Assert.Equal("d/b", new FileInfo(Path.Combine(folder, "s")).LinkTarget);
        Assert.False(File.Exists(Path.Combine(folder, "c")));
    }

    private static async Task<string> RunAsync(Node node, string folder, string volumes)
    {
        (string root, string layout) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string policy = Policies.Plain(await Owner.RootHashAsync(layout), $"[sh, -c, \"{Script}\"]", "    mounts: [{ path: /data, volume: data }]", volumes);
        JsonObject config = Bundle.Config(root, ["sh", "-c", Script]);
        config["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/data", ["type"] = "bind", ["source"] = folder, ["options"] = new JsonArray("rbind", "rw") });
        string log = Path.Combine(node.Folder, "output");
        CommandResult run = await node.RuntimeToFileAsync(log, "run", "--bundle", node.Bundle("shared", config, await Owner.AnnotationAsync(policy)), "shared");
        string output = await File.ReadAllTextAsync(log);
        Assert.True(run.ExitCode == 0, output);
        return output;
    }
}
