using System.Text.Json.Nodes;

namespace Pavise.Workloads;

/// <summary>An OCI bundle as an engine would write it: config.json beside a root folder.</summary>
public static class Bundle
{
    private static readonly string[] Capabilities = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE"];

    /// <summary>The configuration that container engines send for a plain container, before a caller changes it.</summary>
    public static JsonObject Config(string root, IReadOnlyList<string> args, int uid = 0, string cwd = "/", IReadOnlyList<string>? env = null, bool terminal = false)
    {
        JsonArray Caps() => [.. Capabilities.Select(c => (JsonNode)c!)];
        return new JsonObject
        {
            ["ociVersion"] = "1.0.2",
            ["process"] = new JsonObject
            {
                ["terminal"] = terminal,
                ["user"] = new JsonObject { ["uid"] = uid, ["gid"] = uid },
                ["args"] = new JsonArray([.. args.Select(a => (JsonNode)a!)]),
                ["env"] = new JsonArray([.. (env ?? ["PATH=/usr/bin:/bin"]).Select(e => (JsonNode)e!)]),
                ["cwd"] = cwd,
                ["capabilities"] = new JsonObject { ["bounding"] = Caps(), ["effective"] = Caps(), ["permitted"] = Caps() },
                ["noNewPrivileges"] = true,
            },
            ["root"] = new JsonObject { ["path"] = root, ["readonly"] = true },
            ["hostname"] = "pavise",
            ["mounts"] = new JsonArray(
                Mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
                Mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
                Mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
                Mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
                Mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
                Mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro")),
            ["linux"] = new JsonObject
            {
                ["namespaces"] = new JsonArray([.. new[] { "pid", "ipc", "uts", "mount", "network" }.Select(n => (JsonNode)new JsonObject { ["type"] = n })]),
                ["resources"] = new JsonObject { ["devices"] = new JsonArray(new JsonObject { ["allow"] = false, ["access"] = "rwm" }) },
                ["maskedPaths"] = new JsonArray("/proc/kcore", "/proc/keys", "/sys/firmware"),
                ["readonlyPaths"] = new JsonArray("/proc/sys", "/proc/sysrq-trigger"),
            },
        };
    }

    /// <summary>Writes the bundle and returns its folder.</summary>
    public static string Write(string folder, JsonObject config)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        return folder;
    }

    private static JsonObject Mount(string destination, string type, string source, params string[] options) => new()
    {
        ["destination"] = destination,
        ["type"] = type,
        ["source"] = source,
        ["options"] = new JsonArray([.. options.Select(o => (JsonNode)o!)]),
    };
}
