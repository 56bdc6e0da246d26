using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>What an engine tracks on the host stands for what runs inside: one does not outlive the other.</summary>
public sealed class HostProcessTests
{
    [Theory]
    [InlineData("[TERM, KILL]", false)]
    [InlineData("[TERM]", true)]
    public async Task Killing_the_host_process_ends_the_container_even_where_the_policy_lets_the_host_send_no_KILL(string signals, bool stopsPvm)
    {
        await using Node node = new("process");
        string duration = $"{Random.Shared.Next(100_000, 999_999)}";
        (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string policy = Policies.Plain(await Owner.RootHashAsync(root), $"[sleep, \"{duration}\"]").Replace("[TERM, KILL]", signals, StringComparison.Ordinal);
        JsonObject config = Bundle.Config(root, ["sleep", duration]);
        (await node.RuntimeToFileAsync("/dev/null", "run", "--detach", "--bundle", node.Bundle("c", config, await Owner.AnnotationAsync(policy)), "c")).OrThrow("run");
        // The launcher returns a moment before its child has become the program.
        for (int i = 0; i < 100 && !Runs(duration); i++)
        {
            await Task.Delay(50);
        }

        Assert.True(Runs(duration));
        (await Command.RunAsync("kill", ["-9", (await node.StateOfAsync("c"))["pid"]!.ToString()])).OrThrow("kill");
        await node.WaitForStatusAsync("c", "stopped");
        for (int i = 0; i < 100 && Runs(duration); i++)
        {
            await Task.Delay(50);
        }

        Assert.False(Runs(duration));
        for (int i = 0; i < 100 && stopsPvm && HasVisor(node); i++)
        {
            await Task.Delay(50);
        }

        Assert.Equal(stopsPvm, !HasVisor(node));
    }

    private static bool HasVisor(Node node) => Directory.EnumerateFiles(Path.Combine(node.State, "sandboxes"), "visor.sock", SearchOption.AllDirectories).Any();

    private static bool Runs(string duration) => Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)).Any(p =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(p, "cmdline")) == $"sleep\0{duration}\0";
        }
        catch (IOException)
        {
            return false;
        }
    });
}
