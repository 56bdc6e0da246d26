using System.Text.Json;
using Pavise.Cri.Kubelet;
using Pavise.Cri.Streaming;
using Pavise.Trojan.Attacks;
using Pavise.Workloads;

namespace Pavise.Trojan.Cluster;

/// <summary>Programs that the policy does not list, and variants of the one that it does.</summary>
internal static class Execs
{
    private static readonly (string Name, string Finding, string[] Command)[] Unlisted =
    [
        ("shell", "OCI-03", ["sh", "-c", "echo EVIL"]),
        ("read-file", "OCI-03", ["cat", "/etc/passwd"]),
        ("read-environment", "OCI-03", ["cat", "/proc/1/environ"]),
        ("read-memory", "OCI-03", ["dd", "if=/proc/1/mem", "bs=1", "count=1"]),
        ("read-maps", "OCI-03", ["cat", "/proc/1/maps"]),
        ("processes", "OCI-03", ["ps"]),
        ("environment", "OCI-03", ["env"]),
        ("end-the-application", "OCI-03", ["kill", "-CONT", "1"]),
        ("write-file", "OCI-03", ["touch", "/tmp/mark"]),
        ("mounts", "OCI-03", ["mount"]),
        ("network", "OCI-03", ["ifconfig", "-a"]),
        ("stop-children", "OCI-03", ["killall", "-STOP", "nothing"]),
        ("no-arguments", "CC-08", ["echo"]),
        ("one-more", "CC-08", ["echo", "permitted", "more"]),
        ("capitals", "CC-08", ["echo", "Permitted"]),
        ("blank", "CC-08", ["echo", "permitted "]),
        ("new-line", "CC-08", ["echo", "permitted\n"]),
        ("one-word", "CC-08", ["echo permitted"]),
        ("path", "CC-08", ["/bin/echo", "permitted"]),
        ("applet", "CC-08", ["busybox", "echo", "permitted"]),
        ("through-shell", "CC-08", ["sh", "-c", "echo permitted"]),
        ("through-env", "CC-08", ["env", "echo", "permitted"]),
        ("option", "CC-08", ["echo", "-e", "permitted"]),
        ("option-after", "CC-08", ["cat", "/tmp/canary", "-"]),
        ("parent-folder", "CC-08", ["cat", "/tmp/../tmp/canary"]),
        ("two-slashes", "CC-08", ["cat", "//tmp/canary"]),
        ("pattern", "CC-08", ["echo", ".*"]),
        ("long", "CC-08", ["echo", "permitted", new string('x', 100_000)]),
        ("other-status", "CC-08", ["sh", "-c", "exit 6"]),
        ("substitution", "CC-08", ["echo", "$(cat /tmp/canary)"]),
    ];

    public static IEnumerable<Attack> Of(Victim victim)
    {
        Pod closed = victim.Closed;
        Func<Task<Observation>> listed = async () => await closed.ExecAsync("main", "echo", "permitted") is { ExitCode: 0, Output: "permitted\n" } ? Observation.Effect("the listed program runs") : Observation.None("the listed program did not run");
        foreach ((string name, string finding, string[] command) in Unlisted)
        {
            yield return new($"exec/{name}", finding, $"runs {JsonSerializer.Serialize(command.Select(c => c.Length > 40 ? c[..40] + "…" : c))}", async () =>
            {
                ExecResult result = await closed.ExecAsync("main", command);
                return Observation.Effect($"it ran, status {result.ExitCode}: {result.Output}");
            }, listed);
        }

        yield return new("exec/output", "OCI-09", "reads the output of a program of which only the status is given", async () =>
        {
            ExecResult result = await closed.ExecAsync("main", "cat", "/tmp/canary");
            return Observation.Of(result.Output.Length + result.Error.Length > 0, $"status {result.ExitCode}, {result.Output.Length} characters of output");
        }, async () => Observation.Of((await closed.ExecAsync("main", "sh", "-c", "exit 5")).ExitCode == 5, "its status comes back"));
        yield return new("exec/interactive", "CC-14", "opens a shell with a terminal, as kubectl exec -it does", () => ShellAsync(closed), () => ShellAsync(victim.Open));
        yield return new("exec/terminal", "OCI-10", "runs the listed program in a terminal", () => StreamedAsync(closed, "permitted", true), () => StreamedAsync(victim.Open, "permitted", true));
        yield return ByTask("user", "OCI-03", "runs the listed program as another user", victim, "--user", "1000:1000");
        yield return ByTask("cwd", "OCI-03", "runs the listed program in another folder", victim, "--cwd", "/data");
        yield return new("exec/standard-input", "OCI-03", "feeds the standard input of a program that is to have none", async () =>
        {
            await using RemoteProcess process = await closed.ExecStreamAsync("main", stdin: true, terminal: false, "cat", "/tmp/canary");
            await process.WriteAsync("evil\n");
            await process.ExitCodeAsync();
            return Observation.Of(process.Output.Length > 0, $"{process.Output.Length} characters came back");
        }, listed);
    }

    private static Attack ByTask(string name, string finding, string what, Victim victim, params string[] options)
    {
        async Task<Observation> RunAsync(Pod pod)
        {
            CommandResult result = await victim.Ground.Node.Containerd.CtrAsync(["task", "exec", "--exec-id", $"t{Guid.NewGuid():N}", .. options, await Victim.IdAsync(pod), "echo", "permitted"]);
            return Observation.Of(result.Output == "permitted\n", result.Both);
        }

        return new($"exec/{name}", finding, what, () => RunAsync(victim.Closed), () => RunAsync(victim.Open));
    }

    private static async Task<Observation> ShellAsync(Pod pod)
    {
        await using RemoteProcess shell = await pod.ExecStreamAsync("main", stdin: true, terminal: true, "sh");
        await shell.WriteAsync("echo $((6*7))x; exit 0\n");
        int status = await shell.ExitCodeAsync();
        return Observation.Of(shell.Output.Contains("42x", StringComparison.Ordinal), $"a shell answered, status {status}");
    }

    private static async Task<Observation> StreamedAsync(Pod pod, string word, bool terminal)
    {
        await using RemoteProcess process = await pod.ExecStreamAsync("main", stdin: true, terminal, "echo", word);
        int status = await process.ExitCodeAsync();
        for (int i = 0; i < 20 && !process.Output.Contains(word, StringComparison.Ordinal); i++)
        {
            await Task.Delay(50);
        }

        return Observation.Of(process.Output.Contains(word, StringComparison.Ordinal), $"status {status}");
    }
}
