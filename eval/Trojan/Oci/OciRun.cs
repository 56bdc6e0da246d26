using Pavise.Cri.Node;
using Pavise.Trojan.Attacks;

namespace Pavise.Trojan.Oci;

/// <summary>All attacks through an OCI runtime's command line.</summary>
internal static class OciRun
{
    /// <summary>Runs them.</summary>
    public static async Task<Report> RunAsync(BuiltTree tree, string program, string machine, TextWriter progress)
    {
        await using OciGround ground = await OciGround.StartAsync(tree, program, machine);
        Runner runner = new(progress);
        await runner.RunAsync(Configurations.Of(ground));
        (string id, string bundle) = ground.Bundle(["sh", "-c", "exec sleep 1000"], _ => { });
        try
        {
            (await ground.DetachedAsync("run", "--detach", "--bundle", bundle, id)).OrThrow("run --detach");
            await runner.RunAsync(OciExecs.Of(ground, id));
        }
        finally
        {
            await ground.RunAsync("delete", "--force", id);
        }

        return new($"oci-{Path.GetFileName(program)}", runner.Verdicts, [], 0);
    }
}
