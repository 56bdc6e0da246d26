using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>No code enters a running pVM.</summary>
public sealed class CodeTests
{
    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task Under_strict_a_process_does_not_write_its_own_memory_as_a_file(string machine)
    {
        string look = "(echo x | dd of=/proc/self/mem bs=1 count=1) 2>&1; sh -c 'echo 1 > /proc/self/oom_score_adj' 2>&1; cat /proc/self/mounts";
        string seen = await RunAsync(machine, look + "; cat /proc/sys/kernel/shm_rmid_forced", "seccomp: strict, sysctls: { kernel.shm_rmid_forced: \"1\" }");
        Assert.Contains("Read-only file system", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("records out", seen, StringComparison.Ordinal);
        Assert.Matches("proc /proc proc ro,", seen);
        Assert.EndsWith("1", seen.TrimEnd(), StringComparison.Ordinal); // what the policy itself sets is set before
    }

    [Fact]
    public async Task The_kernel_of_a_pVM_takes_no_modules_and_writes_no_core_files()
    {
        string[] lines = (await RunAsync("tcg", "cat /proc/sys/kernel/modules_disabled /proc/sys/kernel/core_pattern /proc/sys/kernel/kexec_load_disabled", "seccomp: default")).Trim().Split('\n');
        Assert.Equal(["1", "|/nonexistent", "1"], lines.Select(l => l.TrimEnd('\r')));
    }

    private static async Task<string> RunAsync(string machine, string script, string more)
    {
        await using Node node = new(machine);
        (string root, string layout) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string policy = $$"""
            apiVersion: pavise.dev/v1
            kind: Policy
            metadata: { name: code, version: 1 }
            sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
            containers:
              - name: main
                image: { rootfs: "{{await Owner.RootHashAsync(layout)}}" }
                process: { args: [sh, -c, "{{script.Replace("\\", "\\\\", StringComparison.Ordinal)}}"], env: { PATH: "/bin" }, cwd: /, user: { uid: 0, gid: 0 }, {{more}} }
                stdio: { stdin: none, stdout: host, stderr: host }
                signals: [TERM, KILL]
                exit: exact
            host: { errors: detailed }
            attestation: { tees: [sim] }
            """;
        return (await node.RuntimeAsync("run", "--bundle", node.Bundle("code", Bundle.Config(root, ["sh", "-c", script]), await Owner.AnnotationAsync(policy)), "code")).OrThrow("run").Output;
    }
}
