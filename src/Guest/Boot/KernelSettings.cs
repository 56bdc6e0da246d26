namespace Pavise.Guest.Boot;

/// <summary>Settings of the pVM's kernel that its defaults leave open. None depends on the policy.</summary>
internal static class KernelSettings
{
    /// <summary>Path below /proc/sys, value.</summary>
    internal static readonly (string Name, string Value)[] All =
    [
        ("kernel/kexec_load_disabled", "1"),          // another kernel would not be the measured one
        ("kernel/modprobe", "/nonexistent"),          // modules are loaded by PID 1, never on behalf of a process
        ("kernel/dmesg_restrict", "1"),               // the log tells addresses
        ("kernel/kptr_restrict", "2"),
        ("kernel/unprivileged_bpf_disabled", "1"),
        ("net/core/bpf_jit_harden", "2"),
        ("kernel/perf_event_paranoid", "3"),
        ("kernel/yama/ptrace_scope", "1"),
        ("dev/tty/ldisc_autoload", "0"),
        ("fs/protected_hardlinks", "1"),              // as every distribution has them; the kernel's default is off
        ("fs/protected_symlinks", "1"),
        ("fs/suid_dumpable", "0"),
        ("kernel/core_pattern", "|/nonexistent"),     // a core file is the application's memory, and its folder may be a volume that the host reads
    ];

    /// <summary>From here on nobody loads code into the kernel, whatever he can do otherwise.</summary>
    public static void ForbidModules(string root = "/proc/sys") => File.WriteAllText(Path.Combine(root, "kernel/modules_disabled"), "1");

    /// <summary>Writes them. A setting that this kernel does not have protects nothing that it has, and is passed over.</summary>
    public static void Apply(string root = "/proc/sys")
    {
        foreach ((string name, string value) in All)
        {
            string path = Path.Combine(root, name);
            if (File.Exists(path))
            {
                File.WriteAllText(path, value);
            }
        }
    }
}
