using System.Text.Json.Nodes;
using Pavise.Trojan.Attacks;

namespace Pavise.Trojan.Oci;

/// <summary>OCI configurations that ask for more than the owner gave.</summary>
internal static class Configurations
{
    private sealed record Change(string Name, string Finding, string What, Action<JsonObject> Apply, Func<string, bool> Effect);

    public static IEnumerable<Attack> Of(OciGround ground)
    {
        Func<Task<Observation>> honest = async () => Observation.Effect($"the same container without it runs: {(await ground.LookAsync(_ => { })).Length} characters");
        foreach (Change change in All())
        {
            yield return new($"oci/{change.Name}", change.Finding, change.What, async () =>
            {
                bool effect = change.Effect(await ground.LookAsync(change.Apply));
                return Observation.Of(effect, effect ? "it took effect" : "the container ran as the owner said, without it");
            }, honest);
        }

        foreach (string kind in new[] { "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop" })
        {
            string mark = Path.Combine(ground.Folder, $"hook-{kind}");
            yield return new($"oci/hook-{kind}", "OCI-07", $"runs a program of its own by a {kind} hook", async () =>
            {
                string path = kind is "startContainer" ? "/bin/true" : "/bin/touch";
                try
                {
                    await ground.LookAsync(c => c["hooks"] = new JsonObject { [kind] = new JsonArray(new JsonObject { ["path"] = path, ["args"] = new JsonArray("touch", mark) }) });
                    return Observation.Of(File.Exists(mark) || kind == "startContainer", "the container ran with it");
                }
                catch (InvalidOperationException e) when (!File.Exists(mark))
                {
                    return Observation.None($"refused: {e.Message}");
                }
            }, honest);
        }
    }

    private static IEnumerable<Change> All()
    {
        static JsonObject Linux(JsonObject c) => c["linux"]!.AsObject();
        static JsonObject Process(JsonObject c) => c["process"]!.AsObject();
        static JsonArray Mounts(JsonObject c) => c["mounts"]!.AsArray();
        static JsonObject Mount(string destination, string type, string source, params string[] options) => new() { ["destination"] = destination, ["type"] = type, ["source"] = source, ["options"] = new JsonArray([.. options.Select(o => (JsonNode)o!)]) };
        yield return new("device", "OCI-16", "gives it the node's memory as a device", c => Linux(c)["devices"] = new JsonArray(new JsonObject { ["path"] = "/dev/mem", ["type"] = "c", ["major"] = 1, ["minor"] = 1, ["fileMode"] = 438 }), Has("mem\n"));
        yield return new("device-disk", "OCI-16", "gives it a disk of the node as a device", c => Linux(c)["devices"] = new JsonArray(new JsonObject { ["path"] = "/dev/evil", ["type"] = "b", ["major"] = 8, ["minor"] = 0, ["fileMode"] = 438 }), Has("evil\n"));
        yield return new("id-mapping", "OCI-19", "maps its users to others", c =>
        {
            Linux(c)["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "user" });
            Linux(c)["uidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 100_000, ["size"] = 1000 });
            Linux(c)["gidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 100_000, ["size"] = 1000 });
        }, Has(OciGround.Word));
        yield return new("no-pid-namespace", "OCI-19", "leaves its pid namespace out", c => Remove(c, "pid"), l => !Match(l, @"^NSpid:\s*\d+\s+\d+") && Match(l, @"^NSpid:\s*\d{3,}"));
        yield return new("no-net-namespace", "OCI-19", "leaves its network namespace out", c => Remove(c, "network"), Has($"net -> {File.ResolveLinkTarget("/proc/self/ns/net", false)?.Name}"));
        yield return new("no-ipc-namespace", "OCI-19", "leaves its IPC namespace out", c => Remove(c, "ipc"), Has($"ipc -> {File.ResolveLinkTarget("/proc/self/ns/ipc", false)?.Name}"));
        yield return new("join-namespace", "OCI-19", "puts it into a network namespace by path", c =>
        {
            Remove(c, "network");
            Linux(c)["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "network", ["path"] = $"/proc/{Environment.ProcessId}/ns/net" });
        }, Has($"net -> {File.ResolveLinkTarget("/proc/self/ns/net", false)?.Name}"));
        yield return new("new-privileges", "OCI-18", "allows new privileges", c => Process(c)["noNewPrivileges"] = false, Has("NoNewPrivs:\t0"));
        foreach (string set in new[] { "ambient", "inheritable", "bounding" })
        {
            yield return new($"capabilities-{set}", "OCI-02", $"adds capabilities to the {set} set", c =>
            {
                foreach (string each in new[] { "bounding", "effective", "permitted", "inheritable", "ambient" })
                {
                    Process(c)["capabilities"]![each] = new JsonArray("CAP_SYS_ADMIN", "CAP_NET_ADMIN");
                }
            }, l => Match(l, set switch { "ambient" => @"^CapAmb:\s*0*2", "inheritable" => @"^CapInh:\s*0*2", _ => @"^CapBnd:\s*0*2" }));
        }

        yield return new("core-limit", "OCI-20", "raises the limit of core files", c => Process(c)["rlimits"] = new JsonArray(new JsonObject { ["type"] = "RLIMIT_CORE", ["hard"] = 1 << 30, ["soft"] = 1 << 30 }), l => !l.Contains("core=0 ", StringComparison.Ordinal));
        yield return new("files-limit", "OCI-15", "leaves it three open files", c => Process(c)["rlimits"] = new JsonArray(new JsonObject { ["type"] = "RLIMIT_NOFILE", ["hard"] = 33, ["soft"] = 33 }), Has("files=33 "));
        yield return new("umask", "OCI-02", "sets its umask", c => Process(c)["user"]!["umask"] = 63, Has("mask=0077"));
        yield return new("out-of-memory-score", "OCI-15", "makes it the first to be killed", c => Process(c)["oomScoreAdj"] = 1000, Has("score=1000"));
        yield return new("unmasked", "OCI-18", "unmasks /proc", c => Linux(c)["maskedPaths"] = new JsonArray(), l => Match(l, @"^keys=\S"));
        yield return new("writable-proc", "OCI-18", "leaves /proc/sys writable", c => Linux(c)["readonlyPaths"] = new JsonArray(), l => !l.Contains(" /proc/sys ", StringComparison.Ordinal));
        yield return new("writable-root", "OCI-01", "makes its root writable", c => c["root"]!["readonly"] = false, l => l.Contains("ROOT-WRITTEN", StringComparison.Ordinal));
        yield return new("sysctl", "OCI-18", "sets a kernel parameter", c => Linux(c)["sysctl"] = new JsonObject { ["kernel.shm_rmid_forced"] = "1" }, Has("forced=1"));
        yield return new("seccomp-allows", "OCI-18", "permits every system call", c => Linux(c)["seccomp"] = new JsonObject { ["defaultAction"] = "SCMP_ACT_ALLOW" }, Has("Seccomp:\t0"));
        yield return new("seccomp-lies", "OCI-18", "makes a system call fail with a status of its choice", c => Linux(c)["seccomp"] = new JsonObject { ["defaultAction"] = "SCMP_ACT_ALLOW", ["architectures"] = new JsonArray("SCMP_ARCH_X86_64"), ["syscalls"] = new JsonArray(new JsonObject { ["names"] = new JsonArray("rmdir", "unlinkat"), ["action"] = "SCMP_ACT_ERRNO", ["errnoRet"] = 28 }) }, Has("No space left"));
        yield return new("groups", "OCI-02", "adds groups", c => Process(c)["user"]!["additionalGids"] = new JsonArray(42, 999), l => Match(l, @"^Groups:.*\b999\b"));
        yield return new("personality", "OCI-02", "makes the machine look like another", c => Linux(c)["personality"] = new JsonObject { ["domain"] = "LINUX32" }, Has("machine=i686"));
        yield return new("time", "QH-10", "shifts its clocks by a time namespace", c =>
        {
            Linux(c)["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "time" });
            Linux(c)["timeOffsets"] = new JsonObject { ["boottime"] = new JsonObject { ["secs"] = 86_400 } };
        }, l => Match(l, @"^boottime\s+86400"));
        yield return new("host-name", "OCI-02", "names it", c => c["hostname"] = "evil", Has("name=evil"));
        yield return new("environment", "OCI-08", "adds LD_PRELOAD", c => Process(c)["env"]!.AsArray().Add("LD_PRELOAD=/evil.so"), Has("LD_PRELOAD="));
        yield return new("environment-twice", "OCI-08", "gives a declared variable twice", c =>
        {
            Process(c)["env"]!.AsArray().Add("MODE=slow");
            Process(c)["env"]!.AsArray().Add("MODE=evil");
        }, Has("MODE=evil"));
        yield return new("cwd-parent", "OCI-02", "starts it in a folder that leaves its root", c => Process(c)["cwd"] = "/../../../tmp", l => !l.Contains("cwd=/\n", StringComparison.Ordinal));
        yield return new("mount-parent", "OCI-16", "mounts at a path that leaves its root", c => Mounts(c).Add(Mount("/../../evil", "bind", "/usr/share", "rbind")), Has(" /evil "));
        yield return new("mount-over-etc", "OCI-16", "mounts an empty folder over its configuration", c => Mounts(c).Add(Mount("/etc", "tmpfs", "tmpfs")), Has(" /etc "));
        yield return new("mount-over-programs", "OCI-16", "mounts the node's programs over its own", c => Mounts(c).Add(Mount("/usr", "bind", "/usr", "rbind")), Has(" /usr "));
        yield return new("mount-socket", "OCI-16", "mounts the node's sockets", c => Mounts(c).Add(Mount("/run", "bind", "/run", "rbind", "rw")), l => l.Contains(" /run ", StringComparison.Ordinal));
        yield return new("mount-executable", "OCI-01", "makes its shared memory executable", c =>
        {
            Mounts(c).Remove(Mounts(c).First(m => (string?)m!["destination"] == "/dev/shm"));
            Mounts(c).Add(Mount("/dev/shm", "tmpfs", "shm", "nosuid", "nodev", "mode=1777"));
        }, l => Match(l, @"^\S+ /dev/shm tmpfs (?!.*noexec)"));
        yield return new("mount-devices", "OCI-16", "brings the node's devices", c =>
        {
            Mounts(c).Remove(Mounts(c).First(m => (string?)m!["destination"] == "/dev"));
            Mounts(c).Insert(1, Mount("/dev", "bind", "/dev", "rbind", "rw"));
        }, l => Match(l, @"\sloop0$") || Match(l, @"\skmsg$"));
        yield return new("user-name", "OCI-02", "runs it as another user", c => Process(c)["user"] = new JsonObject { ["uid"] = 65534, ["gid"] = 65534 }, l => Match(l, @"^Uid:\s*65534"));
        yield return new("root-elsewhere", "OCI-01", "gives it another root folder", c => c["root"]!["path"] = "/", Has("/bin/bash"));
        yield return new("annotation", "OCI-19", "steers the launcher by its own annotations", c => c["annotations"] = new JsonObject { ["run.oci.keep_original_groups"] = "1", ["run.oci.seccomp.plugins"] = "/evil.so", ["org.systemd.property.Evil"] = "1" }, l => !l.Contains(OciGround.Word, StringComparison.Ordinal));
        yield return new("cgroup", "OCI-19", "puts it into a control group of the node", c => Linux(c)["cgroupsPath"] = "/../../evil", l => Directory.Exists("/sys/fs/cgroup/evil"));
    }

    private static void Remove(JsonObject c, string type)
    {
        JsonArray all = c["linux"]!["namespaces"]!.AsArray();
        all.Remove(all.First(n => (string?)n!["type"] == type));
    }

    private static Func<string, bool> Has(string text) => log => log.Contains(text, StringComparison.Ordinal);

    private static bool Match(string text, string pattern) => System.Text.RegularExpressions.Regex.IsMatch(text, pattern, System.Text.RegularExpressions.RegexOptions.Multiline);
}
