using System.Text.Json.Nodes;

namespace Pavise.Policy.Tests.Support;

/// <summary>
/// The members of an OCI configuration (runtime specification 1.2: config.md, config-linux.md), as a tree written by hand from the
/// specification: what a hostile host can fill. Leaves: s text, n number, b boolean; a star before a name is a list.
/// </summary>
internal static class OciSchema
{
    private const string Mapping = "containerID n, hostID n, size n";
    private const string Hook = "path s, *args s, *env s, timeout n";

    private static readonly (string Path, string Members)[] Objects =
    [
        ("", "ociVersion s, hostname s, domainname s"),
        ("root", "path s, readonly b"),
        ("process", "terminal b, cwd s, *args s, *env s, commandLine s, noNewPrivileges b, oomScoreAdj n, apparmorProfile s, selinuxLabel s"),
        ("process.consoleSize", "height n, width n"),
        ("process.user", "uid n, gid n, umask n, *additionalGids n, username s"),
        ("process.capabilities", "*bounding s, *effective s, *permitted s, *inheritable s, *ambient s"),
        ("process.*rlimits", "type s, soft n, hard n"),
        ("process.scheduler", "policy s, nice n, priority n, *flags s, runtime n, deadline n, period n"),
        ("process.ioPriority", "class s, priority n"),
        ("process.execCPUAffinity", "initial s, final s"),
        ("*mounts", "destination s, type s, source s, *options s"),
        ("*mounts.*uidMappings", Mapping), ("*mounts.*gidMappings", Mapping),
        ("hooks.*prestart", Hook), ("hooks.*createRuntime", Hook), ("hooks.*createContainer", Hook), ("hooks.*startContainer", Hook), ("hooks.*poststart", Hook), ("hooks.*poststop", Hook),
        ("annotations", "any.key s, run.oci.handler s"),
        ("linux", "cgroupsPath s, rootfsPropagation s, *maskedPaths s, *readonlyPaths s, mountLabel s"),
        ("linux.*uidMappings", Mapping), ("linux.*gidMappings", Mapping),
        ("linux.sysctl", "net.any s, kernel.any s"),
        ("linux.*namespaces", "type s, path s"),
        ("linux.*devices", "path s, type s, major n, minor n, fileMode n, uid n, gid n"),
        ("linux.netDevices.eth0", "name s"),
        ("linux.seccomp", "defaultAction s, defaultErrnoRet n, *architectures s, *flags s, listenerPath s, listenerMetadata s"),
        ("linux.seccomp.*syscalls", "*names s, action s, errnoRet n"),
        ("linux.seccomp.*syscalls.*args", "index n, value n, valueTwo n, op s"),
        ("linux.intelRdt", "closID s, l3CacheSchema s, memBwSchema s, enableCMT b, enableMBM b"),
        ("linux.personality", "domain s, *flags s"),
        ("linux.timeOffsets.monotonic", "secs n, nanosecs n"),
        ("linux.memoryPolicy", "mode s, nodes s, *flags s"),
        ("linux.resources.*devices", "allow b, type s, major n, minor n, access s"),
        ("linux.resources.memory", "limit n, reservation n, swap n, kernel n, kernelTCP n, swappiness n, disableOOMKiller b, useHierarchy b, checkBeforeUpdate b"),
        ("linux.resources.cpu", "shares n, quota n, burst n, period n, realtimeRuntime n, realtimePeriod n, cpus s, mems s, idle n"),
        ("linux.resources.pids", "limit n"),
        ("linux.resources.blockIO", "weight n, leafWeight n"),
        ("linux.resources.blockIO.*weightDevice", "major n, minor n, weight n, leafWeight n"),
        ("linux.resources.blockIO.*throttleReadBpsDevice", "major n, minor n, rate n"), ("linux.resources.blockIO.*throttleWriteBpsDevice", "major n, minor n, rate n"),
        ("linux.resources.blockIO.*throttleReadIOPSDevice", "major n, minor n, rate n"), ("linux.resources.blockIO.*throttleWriteIOPSDevice", "major n, minor n, rate n"),
        ("linux.resources.*hugepageLimits", "pageSize s, limit n"),
        ("linux.resources.network", "classID n"), ("linux.resources.network.*priorities", "name s, priority n"),
        ("linux.resources.rdma.mlx", "hcaHandles n, hcaObjects n"),
        ("linux.resources.unified", "memory-high s"),
        ("solaris", "milestone s, limitpriv s"), ("windows", "*layerFolders s, ignoreFlushesDuringBoot b"), ("vm.hypervisor", "path s, *parameters s"), ("zos", "any s"), ("freebsd", "any s"),
        ("unheardOf", "member s"),
    ];

    /// <summary>Every leaf: its path and kind.</summary>
    public static IReadOnlyList<(string Path, char Kind)> Leaves { get; } =
    [
        .. Objects.SelectMany(o => o.Members.Split(", ").Select(m => m.Split(' ')).Select(m => (o.Path + (o.Path.Length > 0 ? "|" : "") + m[0], m[1][0]))),
    ];

    /// <summary>Writes a value at a leaf, making what holds it.</summary>
    public static void Set(JsonObject spec, string leaf, JsonNode value)
    {
        string[] halves = leaf.Split('|');
        JsonObject at = spec;
        foreach (string step in halves.Length == 2 ? halves[0].Split('.') : [])
        {
            at = Enter(at, step);
        }

        string name = halves[^1];
        if (halves[0] == "*mounts")
        {
            // A mount without a destination is malformed for its own reason.
            at["destination"] = "/CANARY/mount";
        }

        if (name[0] != '*')
        {
            at[name] = value;
        }
        else if (at[name[1..]] is JsonArray list)
        {
            list.Add(value);
        }
        else
        {
            at[name[1..]] = new JsonArray(value);
        }
    }

    private static JsonObject Enter(JsonObject at, string step)
    {
        string name = step.TrimStart('*');
        if (step[0] != '*')
        {
            return (JsonObject)(at[name] ??= new JsonObject());
        }

        JsonArray list = (JsonArray)(at[name] ??= new JsonArray());
        JsonObject item = new();
        list.Add(item);
        return item;
    }
}
