using Pavise.Cri.Node;
using Pavise.Trojan.Attacks;
using Pavise.Workloads;

namespace Pavise.Trojan.Cluster;

/// <summary>All attacks through a container runtime interface, and the search for the secret at their end.</summary>
internal static class ClusterRun
{
    /// <summary>Runs them.</summary>
    /// <param name="tree">The built programs.</param>
    /// <param name="runtime">Name of the runtime handler.</param>
    /// <param name="socket">Of a containerd that runs already; null for one of its own.</param>
    /// <param name="machine">Pavise's machine, with a containerd of its own.</param>
    /// <param name="only">Beginning of the ids of the attacks to run.</param>
    /// <param name="progress">A line for each attack.</param>
    public static async Task<Report> RunAsync(BuiltTree tree, string runtime, string? socket, string machine, string only, TextWriter progress)
    {
        ClusterNode node = socket is null ? await ClusterNode.StartAsync(tree, machine) : await ClusterNode.AttachAsync(tree, socket);
        await using ClusterGround ground = new(node, runtime, runtime.StartsWith("pavise", StringComparison.Ordinal));
        string evilBin = await TamperedImage.ImportAsync(node, tree.Cache);
        Runner runner = new(progress);
        HostSearch search = new(ground.Secret);
        await using (Victim victim = await Victim.StartAsync(ground))
        {
            await runner.RunAsync(Execs.Of(victim).Concat(Controls.Of(victim)).Where(a => a.Id.StartsWith(only, StringComparison.Ordinal)));

            // The open neighbour gave the secret away on purpose; it goes before the search.
            await victim.Open.DisposeAsync();
            await search.FolderAsync(node.Containerd.Folder);
            await search.FolderAsync("/run/pavise");
        }

        await runner.RunAsync(Injections.Of(ground, evilBin).Concat(Lifecycles.Of(ground)).Where(a => a.Id.StartsWith(only, StringComparison.Ordinal)));
        return new(runtime, runner.Verdicts, search.Found, search.Bytes);
    }
}
