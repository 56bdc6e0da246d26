using System.Text.Json.Nodes;

namespace Pavise.Guest.Tests.ProcessMachine;

/// <summary>OCI specifications as an orchestrator sends them.</summary>
internal static class Specs
{
    public static string Container(params string[] args) => Container(args, _ => { });

    public static string Container(string[] args, Action<JsonObject> change)
    {
        JsonObject spec = new()
        {
            ["ociVersion"] = "1.0.2",
            ["process"] = Process(args),
            ["root"] = new JsonObject { ["path"] = "rootfs", ["readonly"] = true },
            ["hostname"] = "pod",
            ["mounts"] = new JsonArray(
                Mount("/proc", "proc", "nosuid", "noexec", "nodev"),
                Mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
                Mount("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
                Mount("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
                Mount("/tmp", "tmpfs", "nosuid", "nodev", "mode=1777")),
            ["linux"] = new JsonObject
            {
                ["namespaces"] = new JsonArray([.. new[] { "pid", "ipc", "uts", "mount", "network", "cgroup" }.Select(t => new JsonObject { ["type"] = t })]),
            },
        };
        change(spec);
        return spec.ToJsonString();
    }

    public static JsonObject Process(params string[] args) => new()
    {
        ["terminal"] = false,
        ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 },
        ["args"] = new JsonArray([.. args.Select(a => JsonValue.Create(a))]),
        ["env"] = new JsonArray("PATH=/bin", "TERM=xterm"),
        ["cwd"] = "/",
        ["noNewPrivileges"] = true,
    };

    public static JsonObject Mount(string destination, string type, params string[] options) => new()
    {
        ["destination"] = destination,
        ["type"] = type,
        ["source"] = type,
        ["options"] = new JsonArray([.. options.Select(o => JsonValue.Create(o))]),
    };
}
