using Pavise.Trojan.Attacks;
using Pavise.Workloads;

namespace Pavise.Trojan.Oci;

/// <summary>A listed program, run with more than the owner gave it.</summary>
internal static class OciExecs
{
    private static readonly string[] Listed = ["sh", "-c", "cat /proc/self/environ /proc/self/status; pwd"];

    public static IEnumerable<Attack> Of(OciGround ground, string id)
    {
        Func<Task<Observation>> honest = async () => Observation.Effect($"the listed program runs: {(await ground.RunAsync(["exec", id, .. Listed])).OrThrow("exec").Output.Length} characters");
        foreach ((string name, string finding, string what, string[] options, string effect) in new (string, string, string, string[], string)[]
        {
            ("environment", "OCI-08", "adds a variable", ["--env", "LD_PRELOAD=/evil.so"], "LD_PRELOAD="),
            ("capability", "OCI-02", "adds a capability", ["--cap", "CAP_SYS_ADMIN"], "CapEff:\t0000000000200000"),
            ("user", "OCI-03", "as another user", ["--user", "65534:65534"], "Uid:\t65534"),
            ("cwd", "OCI-03", "in another folder", ["--cwd", "/etc"], "/etc\n"),
        })
        {
            yield return new($"oci/exec-{name}", finding, $"runs the listed program {what}", async () =>
            {
                CommandResult result = await ground.RunAsync(["exec", .. options, id, .. Listed]);
                return Observation.Of(result.Output.Contains(effect, StringComparison.Ordinal), result.ExitCode == 0 ? "it ran, without that" : result.Both);
            }, honest);
        }

        yield return new("oci/exec-unlisted", "OCI-03", "runs a program that is not listed", async () =>
        {
            CommandResult result = await ground.RunAsync("exec", id, "sh", "-c", "echo EVIL");
            return Observation.Of(result.Output.Contains("EVIL", StringComparison.Ordinal), result.Both);
        }, honest);
        foreach (string command in new[] { "pause", "checkpoint", "ps", "events" })
        {
            yield return new($"oci/{command}", command switch { "pause" => "OCI-12", "checkpoint" => "QH-14", "ps" => "OCI-04", _ => "OCI-13" }, $"the command {command}", async () =>
            {
                CommandResult result = await ground.RunAsync(command == "events" ? [command, "--stats", id] : [command, id]);
                if (command == "pause" && result.ExitCode == 0)
                {
                    await ground.RunAsync("resume", id);
                }

                return Observation.Of(result.ExitCode == 0 && (command == "pause" || result.Output.Contains("sleep", StringComparison.Ordinal) || result.Output.Contains("usage", StringComparison.Ordinal)), result.Both);
            }, honest);
        }

        foreach (string signal in new[] { "USR1", "STOP", "HUP" })
        {
            yield return new($"oci/signal-{signal}", "OCI-05", $"sends {signal}", async () =>
            {
                CommandResult result = await ground.RunAsync("kill", id, signal);
                if (result.ExitCode == 0)
                {
                    await ground.RunAsync("kill", id, "CONT");
                }

                return Observation.Of(result.ExitCode == 0, result.ExitCode == 0 ? "delivered" : result.Both);
            }, honest);
        }
    }
}
