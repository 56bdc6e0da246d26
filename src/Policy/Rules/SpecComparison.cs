using System.Collections.Immutable;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Oci;
using Pavise.Policy.Requests;

namespace Pavise.Policy.Rules;

/// <summary>What of a host's configuration, beyond its process and mounts, has no effect.</summary>
internal static class SpecComparison
{
    /// <summary>Annotations that engines and Kubernetes write for their own use.</summary>
    private static readonly string[] KnownAnnotations =
        ["dev.pavise.", "io.kubernetes.", "kubernetes.io/", "io.container.", "io.containers.", "io.podman.", "org.opencontainers.", "com.docker.", "io.cri-o."];

    /// <summary>Settings that engines write for every container.</summary>
    private static readonly string[] EngineSysctls = ["net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start"];

    public static void Compare(Findings findings, in Case<CreateContainer> c, ContainerEntry entry)
    {
        OciSpec spec = c.Request.Spec;
        if (spec.RootReadonly == false && entry.Sealed)
        {
            findings.Add("root.readonly", "process.executables", more: false);
        }

        if (spec.Hostname.Length > 0 && !c.Policy.Sandbox.HostnameFromHost && spec.Hostname != c.Policy.Sandbox.Hostname)
        {
            findings.Add("hostname", "hostname", more: c.Policy.Sandbox.HostnameWritten);
        }

        foreach ((string name, _) in spec.Annotations.Where(a => !KnownAnnotations.Any(k => a.Key.StartsWith(k, StringComparison.Ordinal))))
        {
            findings.Add($"annotations[{(name.Length <= 64 ? name : name[..64])}]", "annotations", more: true);
        }

        foreach ((string name, string value) in spec.Linux.Sysctl.Where(s => !(entry.Process.Sysctls.TryGetValue(s.Key, out string? pinned) && pinned == s.Value)))
        {
            findings.Add($"linux.sysctl[{(name.Length <= 64 ? name : name[..64])}]", "process.sysctls", more: !EngineSysctls.Contains(name));
        }

        if (spec.Linux.Seccomp is { } seccomp)
        {
            findings.Add("linux.seccomp", "process.seccomp", more: seccomp.DefaultAction is not ("SCMP_ACT_ERRNO" or "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" or "SCMP_ACT_KILL_PROCESS"));
        }

        if (spec.Linux.RootfsPropagation is "shared" or "rshared")
        {
            findings.Add("linux.rootfsPropagation", "mounts", more: true);
        }

        Paths(findings, "linux.maskedPaths", spec.Linux.MaskedPaths, entry.Process.MaskedPaths, entry.Process.Written.Contains("maskedPaths"));
        Paths(findings, "linux.readonlyPaths", spec.Linux.ReadonlyPaths, entry.Process.ReadonlyPaths, entry.Process.Written.Contains("readonlyPaths"));
        Text(findings, "domainname", spec.Domainname);
        Text(findings, "linux.mountLabel", spec.Linux.MountLabel);
        foreach (OciNamespace joined in spec.Linux.Namespaces.Where(n => n.Path.Length > 0))
        {
            findings.Add($"linux.namespaces[{(joined.Type.Length <= 64 ? joined.Type : joined.Type[..64])}].path", "process", more: false);
        }

        foreach (string member in spec.Linux.Ignored)
        {
            findings.Add($"linux.{member}", "process", more: false);
        }

        foreach (string member in spec.Ignored.Concat(spec.Unknown))
        {
            findings.Add(member, "process", more: false);
        }
    }

    private static void Text(Findings findings, string field, string value)
    {
        if (value.Length > 0)
        {
            findings.Add(field, "process", more: false);
        }
    }

    /// <summary>Every engine has its own lists: only an owner who wrote one means it to be compared.</summary>
    private static void Paths(Findings findings, string field, ImmutableArray<string> asked, ImmutableArray<string> pinned, bool written)
    {
        if (!asked.IsEmpty && !asked.ToHashSet(StringComparer.Ordinal).SetEquals(pinned))
        {
            findings.Add(field, "process." + field[6..], more: written);
        }
    }
}
