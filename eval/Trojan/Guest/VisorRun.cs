using Pavise.Cri.Node;
using Pavise.Host.Machines;
using Pavise.Trojan.Attacks;
using Pavise.Workloads;

namespace Pavise.Trojan.Guest;

/// <summary>All attacks of a hostile visor on one guest, in the order of a container's life.</summary>
internal static class VisorRun
{
    /// <summary>Runs them.</summary>
    public static async Task<Report> RunAsync(BuiltTree tree, MachineKind machine, TextWriter progress)
    {
        // On the machine `process` the guest's program is looked for beside the visor's, which this program is.
        string guest = Path.Combine(AppContext.BaseDirectory, "pavise-guest");
        File.Delete(guest);
        File.CreateSymbolicLink(guest, Path.Combine(tree.Programs, "pavise-guest"));
        await using VisorGround ground = await VisorGround.StartAsync(tree, machine);
        Runner runner = new(progress);
        await runner.RunAsync(Launches.Of(ground, tree, machine));
        await runner.RunAsync(Calls.Of(ground));
        await runner.RunAsync(Wires.Of(ground));
        HostSearch search = new(ground.Secret);
        await search.FolderAsync(ground.Folder);
        return new("visor", runner.Verdicts, search.Found, search.Bytes);
    }
}
