using System.Text.Json.Nodes;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;
using Pavise.Policy.Tests.Support;

namespace Pavise.Policy.Tests.Engine;

/// <summary>What has no effect is noted, and where it asks for more than the policy gives, refused by a strict one.</summary>
public sealed class EffectTests
{
    // Field of the note, whether strict refuses, what the host writes.
    private static readonly (string Field, bool Strict, Action<JsonObject> Change)[] Cases =
    [
        ("process.env[LD_PRELOAD]", true, s => Env(s, "LD_PRELOAD=/x.so")),
        ("process.env[REDIS_SERVICE_HOST]", true, s => Env(s, "REDIS_SERVICE_HOST=10.0.0.1")),
        ("process.env[PATH]", true, s => s["process"]!["env"]!.AsArray()[0] = "PATH=/evil"),
        ("process.env[HOSTNAME]", false, s => Env(s, "HOSTNAME=pod-1")),
        ("process.env[TERM]", false, s => Env(s, "TERM=xterm")),
        ("process.capabilities", true, s => s["process"]!["capabilities"]!["ambient"] = new JsonArray("CAP_SYS_ADMIN")),
        ("process.noNewPrivileges", true, s => s["process"]!["noNewPrivileges"] = false),
        ("process.user.additionalGids", true, s => s["process"]!["user"]!["additionalGids"] = new JsonArray(0)),
        ("process.user.additionalGids", false, s => s["process"]!["user"]!["additionalGids"] = new JsonArray(999)),
        ("process.user.umask", false, s => s["process"]!["user"]!["umask"] = 0),
        ("process.rlimits", false, s => s["process"]!["rlimits"] = new JsonArray(new JsonObject { ["type"] = "RLIMIT_NOFILE", ["soft"] = 1, ["hard"] = 18446744073709551615 })),
        ("process.oomScoreAdj", false, s => s["process"]!["oomScoreAdj"] = -999),
        ("process.apparmorProfile", false, s => s["process"]!["apparmorProfile"] = "unconfined"),
        ("process.selinuxLabel", false, s => s["process"]!["selinuxLabel"] = "x"),
        ("process.scheduler", false, s => s["process"]!["scheduler"] = new JsonObject { ["policy"] = "SCHED_FIFO" }),
        ("process.user.username", false, s => s["process"]!["user"]!["username"] = "root"),
        ("root.readonly", false, s => s["root"]!["readonly"] = false),
        ("mounts[/injected]", true, s => Mount(s, "/injected")),
        ("mounts[/etc/resolv.conf]", false, s => Mount(s, "/etc/resolv.conf")),
        ("mounts[/var/run/secrets/kubernetes.io/serviceaccount]", false, s => Mount(s, "/var/run/secrets/kubernetes.io/serviceaccount")),
        ("linux.sysctl[kernel.shmmax]", true, s => s["linux"]!["sysctl"] = new JsonObject { ["kernel.shmmax"] = "1" }),
        ("linux.sysctl[net.ipv4.ping_group_range]", false, s => s["linux"]!["sysctl"] = new JsonObject { ["net.ipv4.ping_group_range"] = "0 0" }),
        ("linux.seccomp", true, s => s["linux"]!["seccomp"] = new JsonObject { ["defaultAction"] = "SCMP_ACT_ALLOW" }),
        ("linux.seccomp", false, s => s["linux"]!["seccomp"] = new JsonObject { ["defaultAction"] = "SCMP_ACT_ERRNO" }),
        ("linux.rootfsPropagation", true, s => s["linux"]!["rootfsPropagation"] = "shared"),
        ("linux.maskedPaths", false, s => s["linux"]!["maskedPaths"] = new JsonArray("/proc/kcore")),
        ("linux.readonlyPaths", false, s => s["linux"]!["readonlyPaths"] = new JsonArray("/proc/sys")),
        ("linux.mountLabel", false, s => s["linux"]!["mountLabel"] = "x"),
        ("linux.namespaces[network].path", false, s => s["linux"]!["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "network", ["path"] = "/run/netns/x" })),
        ("linux.resources.devices", true, s => s["linux"]!["resources"]!["devices"] = new JsonArray(new JsonObject { ["allow"] = true, ["type"] = "b", ["major"] = 8, ["minor"] = 0, ["access"] = "rwm" })),
        ("linux.resources.blockIO", false, s => s["linux"]!["resources"]!["blockIO"] = new JsonObject { ["weight"] = 10 }),
        ("linux.resources.memory.swap", false, s => s["linux"]!["resources"]!["memory"]!["swap"] = 1),
        ("linux.personality", false, s => s["linux"]!["personality"] = new JsonObject { ["domain"] = "LINUX32" }),
        ("domainname", false, s => s["domainname"] = "x"),
        ("annotations[evil.example/x]", true, s => s["annotations"] = new JsonObject { ["evil.example/x"] = "1" }),
        ("windows", false, s => s["windows"] = new JsonObject { ["layerFolders"] = new JsonArray("x") }),
        ("unheardOf", false, s => s["unheardOf"] = 1),
    ];

    public static TheoryData<int> Indices => [.. Enumerable.Range(0, Cases.Length)];

    [Theory]
    [MemberData(nameof(Indices))]
    public void What_the_policy_does_not_give_has_no_effect_and_is_noted(int index)
    {
        PolicyDocument policy = Sample.Document();
        PolicyState attached = Sample.Attached(policy);
        Decision honest = PolicyEngine.Decide(policy, attached, Sample.Create());
        Assert.Empty(honest.Notes);

        Decision decision = PolicyEngine.Decide(policy, attached, Sample.Create(Cases[index].Change));

        Assert.Null(decision.Refusal);
        Assert.Equal([Cases[index].Field], decision.Notes.Select(n => n.Field));
        Assert.StartsWith("containers[main].", decision.Notes[0].Rule, StringComparison.Ordinal);
        Assert.Equal(PlanValues.Of(honest.Plan), PlanValues.Of(decision.Plan));
    }

    [Theory]
    [MemberData(nameof(Indices))]
    public void A_strict_policy_refuses_what_asks_for_more_and_nothing_else(int index)
    {
        PolicyDocument policy = Sample.Document(p => p["strict"] = true);
        Decision decision = PolicyEngine.Decide(policy, Sample.Attached(policy), Sample.Create(Cases[index].Change));

        Assert.Equal(Cases[index].Strict, !decision.IsPermitted);
        if (decision.Refusal is { } refusal)
        {
            Assert.Contains(Cases[index].Field, refusal.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Strict_compares_what_the_owner_wrote()
    {
        PolicyDocument policy = Sample.Document(p =>
        {
            p["strict"] = true;
            p["containers"]![0]!["process"]!["rlimits"] = new JsonObject { ["nofile"] = 1024 };
        });
        Assert.Contains("rlimits", Sample.Refused(policy, Sample.Attached(policy), Sample.Create(Cases.First(c => c.Field == "process.rlimits").Change)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc", true)]
    [InlineData("/etc/app/app.conf", true)]
    [InlineData("/etc/ap", false)]
    [InlineData("/etc/app/other.conf", false)]
    public void A_file_of_the_policy_may_come_with_a_bind_mount_above_it_or_one_of_its_own(string destination, bool brought)
    {
        PolicyDocument policy = Sample.Document(p => p["strict"] = true);
        Decision decision = PolicyEngine.Decide(policy, Sample.Attached(policy), Sample.Create(s => s["mounts"]!.AsArray()[2]!["destination"] = destination));
        Assert.Equal(brought, decision.IsPermitted);
    }

    [Fact]
    public void A_mount_that_is_no_bind_mount_brings_nothing_below_it()
    {
        PolicyDocument policy = Sample.Document();
        Assert.Equal("containers[main].files", Sample.Refused(policy, Sample.Attached(policy), Sample.Create(s => s["mounts"]!.AsArray()[2] = new JsonObject { ["destination"] = "/etc", ["type"] = "tmpfs", ["source"] = "tmpfs" })).Rule);
    }

    [Fact]
    public void Annotations_of_engines_are_silent()
    {
        PolicyDocument policy = Sample.Document(p => p["strict"] = true);
        Decision decision = PolicyEngine.Decide(policy, Sample.Attached(policy), Sample.Create(s => s["annotations"] = new JsonObject { ["io.kubernetes.cri.container-type"] = "container", ["dev.pavise.policy"] = "x", ["org.opencontainers.image.os"] = "linux" }));
        Assert.True(decision.IsPermitted);
        Assert.Empty(decision.Notes);
    }

    [Fact]
    public void A_flood_of_notes_is_folded()
    {
        PolicyDocument policy = Sample.Document();
        Decision decision = PolicyEngine.Decide(policy, Sample.Attached(policy), Sample.Create(s =>
        {
            for (int i = 0; i < 500; i++)
            {
                Env(s, $"X{i}\u001b[31m=1");
            }
        }));
        Assert.Equal(PolicyLimits.Notes + 1, decision.Notes.Length);
        Assert.Equal("436 more", decision.Notes[^1].Field);
        Assert.DoesNotContain(decision.Notes, n => n.Field.Any(char.IsControl));
    }

    [Theory]
    [InlineData("LEVEL=5", true)]
    [InlineData("LEVEL=x", false)]
    [InlineData("LEVEL=5\",\"OTHER=5", false)]
    public void A_strict_policy_permits_what_fills_a_hole_of_an_exec_and_nothing_beside_it(string env, bool permitted)
    {
        PolicyDocument policy = Sample.Document(p => p["strict"] = true);
        Decision decision = PolicyEngine.Decide(policy, Sample.Running(policy), Sample.Exec($$"""{"args":["sh","x"],"cwd":"/data","user":{"uid":999,"gid":999},"env":["{{env}}"]}"""));

        Assert.Equal(permitted, decision.IsPermitted);
        Assert.Empty(decision.Notes);
        if (permitted)
        {
            Assert.Contains(env, ((ExecPlan)decision.Plan!).Process.Env);
        }
    }

    [Fact]
    public void Holes_carry_the_hosts_value_and_defaults_stand_in()
    {
        PolicyDocument policy = Sample.Document();
        ContainerPlan plan = (ContainerPlan)Sample.Permitted(policy, Sample.Attached(policy), Sample.Create());

        Assert.Equal(["PATH=/usr/bin", "POD_IP=10.0.0.7", "ZONE=none"], plan.Process.Env);
        Assert.Equal(["server", "--port=80"], plan.Process.Args);
        Assert.Equal("pod-1", plan.Hostname);
        Assert.Equal(1048576UL, plan.Resources.MemoryBytes);
        Assert.Equal((100_000L, 100_000UL, 100L), (plan.Resources.CpuQuotaUs!.Value, plan.Resources.CpuPeriodUs!.Value, plan.Resources.Pids!.Value));
        Assert.Equal(["/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/sys/fs/cgroup", "/data", "/etc/hosts", "/etc/app"], plan.Mounts.Select(m => m.Destination));
        Assert.True(plan.RootReadOnly);
    }

    [Fact]
    public void An_exec_has_the_containers_variables_and_the_terminals_size()
    {
        PolicyDocument policy = Sample.Document();
        ExecPlan plan = (ExecPlan)Sample.Permitted(policy, Sample.Running(policy), Sample.Shell());

        Assert.Equal(["PATH=/usr/bin", "POD_IP=10.0.0.7", "ZONE=none"], plan.Process.Env);
        Assert.Equal((80u, 24u), (plan.Process.Columns, plan.Process.Rows));
        Assert.Equal(new StdioPlan(StreamTarget.Host, StreamTarget.Host, StreamTarget.None, true), plan.Process.Stdio);
        Assert.Equal(("c1", "t1"), (plan.ContainerId, plan.ExecId));
    }

    [Fact]
    public void A_process_without_terminal_has_no_size()
    {
        PolicyDocument policy = Sample.Document();
        ExecPlan plan = (ExecPlan)Sample.Permitted(policy, Sample.Running(policy), Sample.Exec("""{"args":["ping"],"cwd":"/data","user":{"uid":999,"gid":999},"consoleSize":{"width":80,"height":24}}"""));
        Assert.Equal((0u, 0u), (plan.Process.Columns, plan.Process.Rows));
    }

    [Fact]
    public void Exec_is_refused_when_policy_is_silent()
    {
        PolicyDocument policy = Sample.Document(p => p["containers"]![0]!.AsObject().Remove("exec"));
        Refusal refusal = Sample.Refused(policy, Sample.Running(policy), Sample.Ping());
        Assert.Equal("containers[main].exec", refusal.Rule);
    }

    [Fact]
    public void A_refusal_names_the_nearest_entry_and_the_first_difference()
    {
        PolicyDocument policy = Sample.Document();
        Refusal refusal = Sample.Refused(policy, Sample.Attached(policy), Sample.Create(s => s["process"]!["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 }));
        Assert.Equal("containers[main].user", refusal.Rule);
        Assert.Contains("user 0:0", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_built_is_refused_before_anything_is_made()
    {
        PolicyDocument policy = Sample.Document(p => p["network"] = new JsonObject { ["egress"] = new JsonArray(new JsonObject { ["host"] = "db.internal", ["port"] = 53, ["protocol"] = "udp" }) });
        Refusal refusal = Sample.Refused(policy, Sample.Attached(policy), Sample.Create());
        Assert.Equal(RefusalKind.NotBuilt, refusal.Kind);
        Assert.StartsWith("not built yet: ", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shared_volume_is_planned_where_the_policy_says_that_the_host_sees_it_and_never_executable()
    {
        PolicyDocument policy = Sample.Document(p => p["volumes"]!["data"] = new JsonObject { ["kind"] = "shared", ["visibleToHost"] = true });
        ContainerPlan plan = (ContainerPlan)PolicyEngine.Decide(policy, Sample.Attached(policy), Sample.Create()).Plan!;
        Assert.True(Assert.Single(plan.Mounts, m => m.VolumeName == "data") is { IsShared: true, NoExec: true, Kind: MountKind.Volume });
        Assert.Equal(new SharedVolumePlan("data"), PolicyEngine.Decide(policy, Sample.Running(policy), new FileOpen("data")).Plan);
        Assert.Equal("volumes", Sample.Refused(Sample.Document(), Sample.Running(Sample.Document()), new FileOpen("data")).Rule);
    }

    [Fact]
    public void Secrets_reach_the_container_that_the_policy_names_and_as_variables_what_is_run_in_it()
    {
        PolicyDocument policy = Sample.Document(p =>
        {
            p["attestation"]!["keyBroker"] = new JsonObject { ["url"] = "https://kbs:1", ["key"] = $"spki-sha256:{Sample.PinnedDigest}" };
            p["secrets"] = new JsonArray(
                new JsonObject { ["resource"] = "kbs:///a/b/f", ["to"] = new JsonObject { ["container"] = "main", ["file"] = "/data/key", ["mode"] = "0440" } },
                new JsonObject { ["resource"] = "kbs:///a/b/v", ["to"] = new JsonObject { ["container"] = "main", ["env"] = "PASSWORD" } },
                new JsonObject { ["resource"] = "kbs:///a/b/w", ["to"] = new JsonObject { ["container"] = "main", ["env"] = "LEVEL" } });
        });
        ContainerPlan plan = (ContainerPlan)PolicyEngine.Decide(policy, Sample.Attached(policy), Sample.Create()).Plan!;
        Assert.Equal([new("kbs:///a/b/f", "/data/key", "", 0x120, 999, 999), new("kbs:///a/b/v", "", "PASSWORD", 0x100, 999, 999), new("kbs:///a/b/w", "", "LEVEL", 0x100, 999, 999)], plan.Secrets);
        MountPlan mount = Assert.Single(plan.Mounts, m => m.Kind == MountKind.Secret);
        Assert.True(mount is { Destination: "/data/key", ReadOnly: true, NoExec: true });
        Assert.True(plan.Mounts.IndexOf(mount) > plan.Mounts.Select(m => m.Destination).ToList().IndexOf("/data"));

        PolicyState running = Sample.Running(policy);
        ExecPlan ping = (ExecPlan)PolicyEngine.Decide(policy, running, Sample.Ping()).Plan!;
        Assert.Equal(["PASSWORD", "LEVEL"], ping.Secrets.Select(s => s.Variable));
        Assert.Empty(((ContainerPlan)PolicyEngine.Decide(Sample.Document(), Sample.Attached(Sample.Document()), Sample.Create()).Plan!).Secrets);
    }

    private static void Env(JsonObject spec, string assignment) => spec["process"]!["env"]!.AsArray().Add(assignment);

    private static void Mount(JsonObject spec, string destination) =>
        spec["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = destination, ["type"] = "bind", ["source"] = "/etc", ["options"] = new JsonArray("rbind", "rw") });
}
