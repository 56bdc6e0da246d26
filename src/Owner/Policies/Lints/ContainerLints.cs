using System.Collections.Immutable;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;

namespace Pavise.Owner.Policies.Lints;

/// <summary>Lints about what one container may do.</summary>
internal static class ContainerLints
{
    /// <summary>Capabilities with which a process in the container is near the guest's root.</summary>
    private static readonly string[] Strong = ["CAP_SYS_ADMIN", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_PTRACE", "CAP_SYS_BOOT", "CAP_DAC_READ_SEARCH", "CAP_NET_ADMIN", "CAP_MKNOD", "CAP_SYS_TIME", "CAP_BPF", "CAP_PERFMON", "CAP_CHECKPOINT_RESTORE"];

    /// <summary>Programs that run whatever they are told.</summary>
    private static readonly string[] Shells = ["sh", "bash", "dash", "ash", "zsh", "busybox", "python", "python3", "perl", "env", "nsenter", "chroot"];

    public static ImmutableArray<Lint> All { get; } =
    [
        new("open-root", Weight.Warning, "The root is writable, and what is written there can be executed.",
            p => Each(p, c => !c.Sealed, "process.executables", "open: code that nobody verified can run; mount volumes where the application writes and stay sealed")),
        new("executable-mount", Weight.Warning, "A writable mount from which code can be executed.",
            p => p.Containers.SelectMany(c => c.Mounts.Where(m => !m.Plan.NoExec && !m.Plan.ReadOnly).Select(m => ($"{c.RulePath}.mounts", $"{m.Path} is writable and its files can be executed; remove exec")))),
        new("plain-logs", Weight.Warning, "The host reads standard output or error.",
            p => Each(p, c => c.Stdio.Stdout == StreamTarget.Host || c.Stdio.Stderr == StreamTarget.Host, "stdio", "the host reads what the application prints; owner seals it, none drops it")),
        new("host-stdin", Weight.Warning, "The host writes to standard input.",
            p => Each(p, c => c.Stdio.Stdin == StreamTarget.Host, "stdio.stdin", "the host writes to the application's standard input")),
        new("exec-output", Weight.Warning, "The host reads what an exec prints.",
            p => p.Containers.SelectMany(c => c.Exec.Where(e => e.Output == ExecOutput.Host).Select(e => ($"{c.RulePath}.exec[{e.Index}]", $"the host reads what {Shown(e)} prints; exit-code is enough for a probe")))),
        new("exec-shell", Weight.Warning, "An exec that runs whatever the host writes.",
            p => p.Containers.SelectMany(c => c.Exec.Where(RunsHostCode).Select(e => ($"{c.RulePath}.exec[{e.Index}]", $"{Shown(e)} runs what the host writes: a shell in the container")))),
        new("strong-capability", Weight.Warning, "A capability that comes near the guest's own rights.",
            p => p.Containers.SelectMany(c => c.Process.Capabilities.Where(Strong.Contains).Select(n => ($"{c.RulePath}.process.capabilities", $"{n} comes near the guest's own rights")))),
        new("new-privileges", Weight.Warning, "Programs may gain rights by being executed.",
            p => Each(p, c => !c.Process.NoNewPrivileges, "process.noNewPrivileges", "false: a program file with the set-user-id bit or capabilities gains rights")),
        new("root-user", Weight.Warning, "The application runs as root of its container.",
            p => Each(p, c => c.Process.Uid == 0, "process.user", "uid 0: a user of its own bounds what a fault in the application reaches")),
        new("exact-exit", Weight.Warning, "The host hears the exit status.",
            p => Each(p, c => c.Exit == ExitDisclosure.Exact, "exit", "exact: a status can carry a secret bit by bit; success is enough to restart or not")),
        new("no-kill", Weight.Warning, "Nobody outside can end the container but by ending the pVM.",
            p => Each(p, c => ((c.Signals >> (Pavise.Policy.SignalNames.Kill - 1)) & 1) == 0, "signals", "without KILL an orchestrator cannot remove a running container")),
        new("opened-syscalls", Weight.Warning, "System calls beyond the default profile are permitted.",
            p => p.Containers.Select(c => (c, Calls: Opened(c))).Where(c => c.Calls.Length > 0).Select(c => ($"{c.c.RulePath}.process.seccomp", $"permits beyond the default profile: {string.Join(", ", c.Calls)}"))),
        new("unused-volume", Weight.Warning, "A volume that no container mounts: the line is unnecessary.",
            p => p.Volumes.Keys.Where(v => !p.Containers.Any(c => c.Mounts.Any(m => m.Source == MountSource.Volume && m.Plan.VolumeName == v))).Select(v => ($"volumes.{v}", "no container mounts it; remove it"))),
    ];

    private static IEnumerable<(string, string)> Each(PolicyDocument policy, Func<ContainerEntry, bool> wide, string path, string message) =>
        policy.Containers.Where(wide).Select(c => ($"{c.RulePath}.{path}", message));

    private static bool RunsHostCode(ExecEntry exec)
    {
        string program = exec.Process.Args[0].Text.Split('/')[^1];
        return Shells.Contains(program) && (exec.StdinFromHost || exec.Process.Args.Any(a => a.Matches is not null));
    }

    private static string[] Opened(ContainerEntry container)
    {
        HashSet<string> usual = [.. Pavise.Policy.Seccomp.SyscallSets.Allowed];
        return [.. container.Seccomp.Rules.Where(r => r.Action == "SCMP_ACT_ALLOW" && r.Args.IsEmpty).SelectMany(r => r.Names).Where(n => !usual.Contains(n)).Order(StringComparer.Ordinal)];
    }

    private static string Shown(ExecEntry exec) => $"[{string.Join(", ", exec.Process.Args)}]";
}
