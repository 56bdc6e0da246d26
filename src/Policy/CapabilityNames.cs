namespace Pavise.Policy;

/// <summary>Linux capabilities by name (capabilities(7), Linux 6.1).</summary>
internal static class CapabilityNames
{
    public static readonly string[] Known =
    [
        "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH",
        "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN",
        "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT",
        "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM",
    ];

    /// <summary>CAP_NAME for NAME or CAP_NAME; null for an unknown one.</summary>
    public static string? Full(string name)
    {
        string bare = name.StartsWith("CAP_", StringComparison.Ordinal) ? name[4..] : name;
        return Array.IndexOf(Known, bare) < 0 ? null : "CAP_" + bare;
    }
}
