using System.Globalization;
using System.Text.RegularExpressions;
using Pavise.Cri.Node;
using Pavise.Trojan.Attacks;

namespace Pavise.Trojan.Cluster;

/// <summary>What a hostile cluster adds to a container that its owner described: environment, privileges, namespaces, mounts. The container itself says what it sees.</summary>
internal static class Injections
{
    private const string Look = """
        tr '\0' '\n' </proc/self/environ; grep -E '^(Cap|NoNewPrivs|Seccomp:|Groups|Uid|Gid)' /proc/self/status; cat /proc/mounts
        for n in net pid ipc uts mnt; do echo ns=$(readlink /proc/self/ns/$n); done
        touch /evil-root 2>/dev/null && echo ROOT-WRITTEN
        [ -t 1 ] && echo IS-TTY
        echo name=$(hostname) one=$(cat /proc/1/comm) cwd=$(pwd) ttl=$(cat /proc/sys/net/ipv4/ip_default_ttl) args=$#
        cat /etc/hosts /etc/resolv.conf /etc/passwd /etc/evil/* 2>/dev/null
        ls /dev
        echo end
        """;

    private sealed record Injection(string Name, string Finding, string What, string Container, string Pod, Func<string, bool> Effect, string Objects = "", string? Command = null, string Image = ClusterNode.Busybox);

    public static IEnumerable<Attack> Of(ClusterGround ground, string evilBin)
    {
        string policy = Texts.Policy(ground.Node.BusyboxHash, Look);
        Func<Task<Observation>> plain = async () => Ended(await ground.LogOfAsync(Texts.Pod(Look), policy));
        Func<Task<Observation>> hole = async () => await ground.LogOfAsync(Texts.Pod(Look, "env: [{ name: MODE, value: slow }]"), policy) is string log
            ? Observation.Of(log.Contains("MODE=slow\n", StringComparison.Ordinal), "a value within its expression is used") : throw new InvalidOperationException();
        foreach (Injection i in All(evilBin))
        {
            yield return new(i.Name, i.Finding, i.What, async () =>
            {
                string log = await ground.LogOfAsync(Texts.PodOf(i.Command ?? $"[sh, -c, {Texts.Quote(Look)}]", i.Container, i.Pod, i.Image), policy, i.Objects);
                return Observation.Of(i.Effect(log), i.Effect(log) ? "it took effect" : "the container ran as the owner said, without it");
            }, i.Name.StartsWith("environment/hole", StringComparison.Ordinal) ? hole : plain);
        }
    }

    private static Observation Ended(string log) => Observation.Of(log.EndsWith("end\n", StringComparison.Ordinal), "the same container without the injection runs");

    private static IEnumerable<Injection> All(string evilBin)
    {
        foreach ((string name, string value) in new[] { ("LD_PRELOAD", "/evil.so"), ("LD_LIBRARY_PATH", "/evil"), ("PATH", "/bin:/evil"), ("ENV", "/evil/rc"), ("BASH_ENV", "/evil/rc"), ("HTTPS_PROXY", "http://6.6.6.6"), ("KUBERNETES_SERVICE_HOST", "6.6.6.6"), ("DB_SERVICE_HOST", "6.6.6.6"), ("GCONV_PATH", "/evil"), ("PYTHONSTARTUP", "/evil.py"), ("NODE_OPTIONS", "--require=/evil.js") })
        {
            yield return new($"environment/{name}", "OCI-08", $"adds {name}", $"env: [{{ name: {name}, value: {Texts.Quote(value)} }}]", "", l => l.Contains($"{name}={value}\n", StringComparison.Ordinal));
        }

        yield return new("environment/hole-outside", "OCI-08", "fills a declared variable with another value than its expression admits", "env: [{ name: MODE, value: slower }]", "", Has("MODE=slower"));
        yield return new("environment/hole-newline", "OCI-08", "smuggles a second line into a declared variable", "env: [{ name: MODE, value: \"slow\\nX=1\" }]", "", Has("X=1"));
        foreach ((string name, int bit) in new[] { ("SYS_ADMIN", 21), ("NET_ADMIN", 12), ("SYS_PTRACE", 19), ("SYS_MODULE", 16), ("DAC_READ_SEARCH", 2), ("SYS_RAWIO", 17), ("SYS_TIME", 25), ("BPF", 39) })
        {
            yield return new($"privilege/CAP_{name}", "OCI-02", $"adds the capability {name}", $"securityContext: {{ capabilities: {{ add: [{name}] }} }}", "", l => Capability(l, bit));
        }

        yield return new("privilege/privileged", "OCI-02", "makes the container privileged", "securityContext: { privileged: true }", "", l => Capability(l, 21));
        yield return new("privilege/seccomp", "OCI-18", "runs it without a seccomp profile", "securityContext: { seccompProfile: { type: Unconfined } }", "", Has("Seccomp:\t0"));
        yield return new("privilege/escalation", "OCI-18", "allows new privileges", "securityContext: { allowPrivilegeEscalation: true }", "", Has("NoNewPrivs:\t0"));
        yield return new("privilege/proc-mount", "OCI-18", "leaves /proc unmasked", "securityContext: { procMount: Unmasked }", "", l => !l.Contains(" /proc/sys ", StringComparison.Ordinal));
        yield return new("privilege/root-writable", "OCI-01", "makes the root file system writable", "securityContext: { readOnlyRootFilesystem: false }", "", Has("ROOT-WRITTEN"));
        yield return new("privilege/groups", "OCI-02", "adds groups", "", "securityContext: { supplementalGroups: [999] }", l => Regex.IsMatch(l, @"Groups:.*\b999\b"));
        yield return new("privilege/fs-group", "OCI-02", "adds a file system group", "", "securityContext: { fsGroup: 777 }", l => Regex.IsMatch(l, @"Groups:.*\b777\b"));
        yield return new("privilege/sysctl", "OCI-18", "sets a kernel parameter", "", "securityContext: { sysctls: [{ name: net.ipv4.ip_default_ttl, value: \"33\" }] }", Has("ttl=33"));
        yield return new("process/user", "OCI-02", "another user", "securityContext: { runAsUser: 1000 }", "", Has("Uid:\t1000"));
        yield return new("process/group", "OCI-02", "another group", "securityContext: { runAsUser: 0, runAsGroup: 1000 }", "", Has("Gid:\t1000"));
        yield return new("process/cwd", "OCI-02", "another working directory", "workingDir: /data", "", Has("cwd=/data"));
        yield return new("process/terminal", "OCI-10", "gives the first process a terminal that the host holds", "tty: true", "", Has("IS-TTY"));
        yield return new("process/args", "OCI-02", "another program", "", "", Has("EVIL"), Command: "[sh, -c, \"echo EVIL\"]");
        yield return new("process/args-more", "OCI-02", "one more argument", "args: [evil]", "", Has("end"));
        yield return new("process/args-prefix", "QM-01", "the beginning of the argument vector only", "", "", l => l.Length >= 0, Command: "[sh]");
        yield return new("process/args-path", "OCI-02", "the same program by another path", "", "", Has("end"), Command: $"[/bin/sh, -c, {Texts.Quote(Look)}]");
        yield return new("process/image-command", "OCI-02", "the image's own command", "", "", l => l.Length >= 0, Command: "[]");
        yield return new("image/other", "OCI-01", "another image with the same command", "", "", Has("end"), Image: ClusterNode.Redis);
        yield return new("image/tampered", "OCI-01", "the image with one file added", "", "", Has("end"), Image: TamperedImage.Name);
        foreach ((string kind, string field) in new[] { ("net", "hostNetwork"), ("pid", "hostPID"), ("ipc", "hostIPC") })
        {
            string own = File.ResolveLinkTarget($"/proc/self/ns/{kind}", false)?.Name ?? "";
            yield return new($"namespace/{field}", "OCI-19", $"puts it into the node's {kind} namespace", "", $"{field}: true", l => l.Contains($"ns={kind}:", StringComparison.Ordinal) && own.Length > 0 && l.Contains($"ns={own}\n", StringComparison.Ordinal));
        }

        yield return new("namespace/shared-pid", "OCI-04", "shares one pid namespace in the pod", "", "shareProcessNamespace: true", l => !l.Contains("one=sh ", StringComparison.Ordinal));
        foreach ((string name, string path, string source) in new[] { ("folder", "/evil", "/usr/share"), ("over-programs", "/bin", evilBin), ("over-configuration", "/etc", "/usr/share"), ("over-devices", "/dev/evil", "/dev"), ("over-home", "/root", "/usr/share"), ("runtime-socket", "/run/evil", "/run") })
        {
            yield return new($"mount/{name}", "OCI-16", $"mounts a folder of the node at {path}", $"volumeMounts: [{{ name: v, mountPath: {path} }}]", $"volumes: [{{ name: v, hostPath: {{ path: {source} }} }}]", Has($" {path} "));
        }

        const string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: evil }\ndata: { passwd: \"evil:x:0:0::/:/bin/sh\" }", secret = "apiVersion: v1\nkind: Secret\nmetadata: { name: evil }\nstringData: { passwd: \"evil:x:0:0::/:/bin/sh\" }";
        yield return new("mount/config-map", "OCI-16", "mounts a ConfigMap that the policy does not know", "volumeMounts: [{ name: v, mountPath: /etc/evil }]", "volumes: [{ name: v, configMap: { name: evil } }]", Has("evil:x:0"), map);
        yield return new("mount/secret", "OCI-16", "mounts a Secret that the policy does not know", "volumeMounts: [{ name: v, mountPath: /etc/evil }]", "volumes: [{ name: v, secret: { secretName: evil } }]", Has("evil:x:0"), secret);
        yield return new("mount/passwd", "OCI-16", "mounts a user file over /etc/passwd", "volumeMounts: [{ name: v, mountPath: /etc/passwd, subPath: passwd }]", "volumes: [{ name: v, configMap: { name: evil } }]", Has("evil:x:0"), map);
        yield return new("mount/service-account", "OCI-16", "brings a service account of the node's choice", "volumeMounts: [{ name: v, mountPath: /var/run/secrets/kubernetes.io/serviceaccount }]", "volumes: [{ name: v, secret: { secretName: evil } }]", Has(" /var/run/secrets/kubernetes.io/serviceaccount "), secret);
        yield return new("network/hosts", "OCI-16", "writes names into /etc/hosts", "", "hostAliases: [{ ip: 6.6.6.6, hostnames: [bank] }]", Has("6.6.6.6"));
        yield return new("network/name-server", "QM-13", "names a name server of its own in resolv.conf", "", "dnsConfig: { nameservers: [6.6.6.7] }", Has("6.6.6.7"));
        yield return new("network/host-name", "OCI-02", "another host name", "", "hostname: evil", Has("name=evil"));
    }

    private static Func<string, bool> Has(string text) => log => log.Contains(text, StringComparison.Ordinal);

    private static bool Capability(string log, int bit) =>
        Regex.Match(log, @"CapEff:\s*([0-9a-f]+)") is { Success: true } match && (ulong.Parse(match.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> bit & 1) == 1;
}
