using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Pavise.Guest.Containers.Configuration;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Tests.Containers;

public sealed class CrunConfigTests
{
    [Fact]
    public void A_plan_becomes_exactly_this_configuration()
    {
        ContainerPlan plan = Plans.Container(
            new MountPlan("/proc", MountKind.Proc),
            new MountPlan("/data", MountKind.Volume) { VolumeName = "data" },
            new MountPlan("/tmp", MountKind.Tmpfs) { SizeBytes = 4096 });
        string json = Encoding.UTF8.GetString(CrunConfig.Compose(plan, new ContainerLayout("/r", "/pavise/1", HasControllers: true, ["", "/v/data", ""])));
        const string expected = """
            {"ociVersion":"1.0.2",
             "process":{"terminal":false,"user":{"uid":999,"gid":998,"additionalGids":[7]},"args":["redis-server"],"env":["PATH=/bin"],"cwd":"/srv","noNewPrivileges":true,
              "capabilities":{"bounding":["CAP_NET_BIND_SERVICE"],"effective":["CAP_NET_BIND_SERVICE"],"permitted":["CAP_NET_BIND_SERVICE"],"inheritable":[],"ambient":[]},
              "rlimits":[{"type":"RLIMIT_NOFILE","soft":64,"hard":128}]},
             "root":{"path":"/r","readonly":true},"hostname":"pod",
             "mounts":[
              {"destination":"/proc","type":"proc","source":"proc","options":["nosuid","nodev","noexec"]},
              {"destination":"/data","type":"bind","source":"/v/data","options":["rbind","rprivate","nosuid","nodev","noexec"]},
              {"destination":"/tmp","type":"tmpfs","source":"tmpfs","options":["nosuid","nodev","noexec","mode=1777","size=4096"]}],
             "linux":{"cgroupsPath":"/pavise/1","namespaces":[{"type":"pid"},{"type":"ipc"},{"type":"uts"},{"type":"mount"},{"type":"cgroup"}],
              "maskedPaths":["/proc/kcore"],"readonlyPaths":["/proc/sys"],"sysctl":{"kernel.msgmax":"8192"},
              "resources":{"memory":{"limit":67108864},"cpu":{"shares":512,"quota":50000,"period":100000},"unified":{"memory.oom.group":"1"},"pids":{"limit":40}},
              "seccomp":{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,"architectures":["SCMP_ARCH_X86_64"],"syscalls":[
               {"names":["read","write"],"action":"SCMP_ACT_ALLOW","args":[]},
               {"names":["socket"],"action":"SCMP_ACT_ERRNO","errnoRet":97,"args":[{"index":0,"value":40,"valueTwo":0,"op":"SCMP_CMP_EQ"}]}]}}}
            """;
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), JsonNode.Parse(json)!.ToJsonString());
    }

    [Fact]
    public void Limits_are_left_out_where_no_controller_could_keep_them()
    {
        JsonNode resources = Compose(Plans.Container(), hasControllers: false)["linux"]!["resources"]!;
        Assert.Empty(resources.AsObject());
    }

    [Fact]
    public void Only_who_may_make_device_nodes_gets_a_device_list()
    {
        ContainerPlan plan = Plans.Container();
        Assert.Null(Compose(plan)["linux"]!["resources"]!["devices"]);
        JsonArray devices = Compose(plan with { Process = plan.Process with { Capabilities = ["CAP_MKNOD"] } })["linux"]!["resources"]!["devices"]!.AsArray();
        Assert.False(devices[0]!["allow"]!.GetValue<bool>());
        Assert.All(devices.Skip(1), d => Assert.NotNull(d!["major"]));
    }

    [Fact]
    public void Ambient_capabilities_are_inheritable_too_and_else_neither()
    {
        ProcessPlan process = Plans.Process("x");
        JsonNode none = JsonNode.Parse(CrunConfig.ComposeExec(process))!["capabilities"]!;
        JsonNode ambient = JsonNode.Parse(CrunConfig.ComposeExec(process with { AmbientCapabilities = true }))!["capabilities"]!;
        Assert.Empty(none["ambient"]!.AsArray());
        Assert.Empty(none["inheritable"]!.AsArray());
        Assert.Equal(ambient["bounding"]!.ToJsonString(), ambient["ambient"]!.ToJsonString());
        Assert.Equal(ambient["bounding"]!.ToJsonString(), ambient["inheritable"]!.ToJsonString());
    }

    [Fact]
    public void Host_files_are_read_only_and_never_executable_whatever_the_plan_says()
    {
        string[] options = Options(new MountPlan("/etc/hosts", MountKind.HostFiles) { ReadOnly = false, NoExec = false, Files = [new HostFilePlan("", null, 10)] });
        Assert.Superset(new HashSet<string> { "ro", "noexec", "nosuid", "nodev" }, options.ToHashSet());
    }

    [Fact]
    public void No_mount_but_dev_has_devices_and_none_has_set_id()
    {
        foreach (MountKind kind in Enum.GetValues<MountKind>())
        {
            string[] options = Options(new MountPlan("/m", kind) { NoExec = false });
            Assert.Contains("nosuid", options);
            Assert.Equal(kind is not (MountKind.Dev or MountKind.DevPts), options.Contains("nodev"));
        }
    }

    [Fact]
    public void A_sealed_mount_is_noexec_in_every_kind()
    {
        foreach (MountKind kind in Enum.GetValues<MountKind>())
        {
            Assert.Contains("noexec", Options(new MountPlan("/m", kind) { NoExec = true }));
        }
    }

    [Fact]
    public void Every_text_in_the_configuration_is_the_plans_the_layouts_or_a_constant()
    {
        // Marked texts: whatever stands in the output without a mark must be a constant, the same for every plan.
        HashSet<string>? constants = null;
        Gen.Char['a', 'z'].Array[1, 12].Select(c => new string(c)).Array[6].Sample(
            texts =>
            {
                string Mark(int i) => $"§{texts[i]}";
                ContainerPlan plan = Plans.Container(new MountPlan(Mark(0), MountKind.Tmpfs)) with { Hostname = Mark(1), MaskedPaths = [Mark(2)], ReadonlyPaths = [Mark(3)] };
                plan = plan with { Process = plan.Process with { Args = [Mark(4)], Env = [Mark(5)], Cwd = Mark(0) } };
                HashSet<string> unmarked = [.. Texts(Compose(plan)).Where(t => !t.StartsWith('§'))];
                constants ??= unmarked;
                Assert.Equal(constants, unmarked);
                Assert.DoesNotContain(plan.ContainerId, unmarked);
                Assert.DoesNotContain(plan.Entry, unmarked);
            },
            threads: 1);
    }

    [Fact]
    public void A_bind_without_a_source_is_a_broken_promise() =>
        Assert.Throws<InvalidOperationException>(() => CrunConfig.Compose(Plans.Container(new MountPlan("/d", MountKind.Volume)), new ContainerLayout("/r", "/c", true, [""])));

    private static JsonNode Compose(ContainerPlan plan, bool hasControllers = true) =>
        JsonNode.Parse(CrunConfig.Compose(plan, new ContainerLayout("/r", "/pavise/1", hasControllers, [.. plan.Mounts.Select(m => m.Kind is MountKind.Volume or MountKind.HostFiles or MountKind.Secret or MountKind.Network ? "/source" : "")])))!;

    private static string[] Options(MountPlan mount) => [.. Compose(Plans.Container(mount))["mounts"]![0]!["options"]!.AsArray().Select(o => o!.GetValue<string>())];

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(m => Texts(m.Value).Append(m.Key)),
        JsonArray items => items.SelectMany(Texts),
        JsonValue value when value.TryGetValue(out string? text) => [text],
        _ => [],
    };
}
