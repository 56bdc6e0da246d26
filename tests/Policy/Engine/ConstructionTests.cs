using System.Text.Json.Nodes;
using CsCheck;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.Tests.Support;

namespace Pavise.Policy.Tests.Engine;

/// <summary>
/// Constructed, not filtered: whatever a host writes into whichever field of an OCI configuration, the plan holds no value that neither the policy
/// wrote nor a declared hole admitted.
/// </summary>
public sealed class ConstructionTests
{
    private const string Canary = "CANARY";
    private const long CanaryNumber = 77_777;

    /// <summary>Leaves that can only be refused or selected with: a canary in them never reaches a plan, because there is none.</summary>
    private static readonly string[] Selecting = ["process|cwd", "process|*args", "process.user|uid", "process.user|gid", "process|terminal", "*mounts|destination", "hostname"];

    private static readonly string[] Refusing = ["hooks.", "linux.*devices|", "Mappings|"];

    private static readonly Gen<List<int>> Some = Gen.Int[0, OciSchema.Leaves.Count - 1].List[1, 25];

    private static readonly Gen<(bool Sealed, bool Terminal, bool Memory, bool Cpus, bool Pids, bool Hole, bool Files, int Text)> Policies =
        Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, Gen.Int[0, 99_999], (a, b, c, d, e, f, g, h) => (a, b, c, d, e, f, g, h));

    [Fact]
    public void A_plan_holds_nothing_of_a_hostile_configuration()
    {
        HashSet<string> reached = [], planned = [];
        Gen.Select(Policies, Some).Sample((shape, leaves) =>
        {
            PolicyDocument policy = Document(shape);
            JsonObject spec = Honest(policy.Containers[0], shape.Hole);
            foreach (int leaf in leaves)
            {
                (string path, char kind) = OciSchema.Leaves[leaf];
                OciSchema.Set(spec, path, Hostile(path, kind, leaf));
                lock (reached)
                {
                    reached.Add(path);
                }
            }

            Decision decision = PolicyEngine.Decide(policy, Sample.Attached(policy), Sample.Create(spec));
            if (decision.Plan is ContainerPlan plan)
            {
                lock (planned)
                {
                    planned.UnionWith(leaves.Select(l => OciSchema.Leaves[l].Path));
                }

                Assert.Empty(PlanValues.Of(plan).Where(IsCanary).Where(v => !IsLimitHole(v.Path, policy.Containers[0])).Select(v => $"{v.Path} = {v.Value}"));
                AssertOnlyThePolicys(plan, policy.Containers[0], shape.Hole);
            }
        }, iter: 4000, threads: 2);

        Assert.Empty(OciSchema.Leaves.Select(l => l.Path).Except(reached));
        Assert.Empty(OciSchema.Leaves.Select(l => l.Path).Where(l => !Selecting.Contains(l) && !Refusing.Any(l.Contains)).Except(planned));
    }

    [Fact]
    public void A_strict_policy_permits_nothing_of_it_either()
    {
        Some.Sample(leaves =>
        {
            PolicyDocument policy = Sample.Document(p => p["strict"] = true);
            JsonObject spec = Sample.Spec();
            leaves.ForEach(l => OciSchema.Set(spec, OciSchema.Leaves[l].Path, Hostile(OciSchema.Leaves[l].Path, OciSchema.Leaves[l].Kind, l)));
            if (PolicyEngine.Decide(policy, Sample.Attached(policy), Sample.Create(spec)).Plan is { } plan)
            {
                Assert.Empty(PlanValues.Of(plan).Where(IsCanary).Where(v => !IsLimitHole(v.Path, policy.Containers[0])).Select(v => $"{v.Path} = {v.Value}"));
            }
        }, iter: 1000, threads: 2);
    }

    private static bool IsCanary((string Path, object Value) v) => v.Value is string text ? text.Contains(Canary, StringComparison.Ordinal) : v.Value is decimal and CanaryNumber;

    // A limit below its declared maximum is a hole: the oracle below checks the maximum.
    private static bool IsLimitHole(string path, ContainerEntry entry) => path switch
    {
        "Resources.CpuQuotaUs" or "Resources.CpuPeriodUs" or "Resources.CpuShares" => entry.Resources.MilliCpus is not null,
        "Resources.MemoryBytes" => entry.Resources.MemoryBytes > CanaryNumber,
        _ => false,
    };

    private static JsonNode Hostile(string path, char kind, int salt) => path switch
    {
        "process|*env" => JsonValue.Create(salt % 2 == 0 ? $"LD_PRELOAD=/{Canary}.so" : $"PATH=/{Canary}"),
        "*mounts|destination" => JsonValue.Create($"/{Canary}"),
        "process.capabilities|*bounding" => JsonValue.Create("CAP_" + Canary),
        _ => kind switch { 's' => JsonValue.Create($"/{Canary}/{salt}"), 'n' => JsonValue.Create(CanaryNumber), _ => JsonValue.Create(true) },
    };

    private static PolicyDocument Document((bool Sealed, bool Terminal, bool Memory, bool Cpus, bool Pids, bool Hole, bool Files, int Text) shape) => Sample.Document(p =>
    {
        JsonObject entry = p["containers"]![0]!.AsObject(), process = entry["process"]!.AsObject();
        process["args"] = new JsonArray($"server-{shape.Text}");
        process["env"] = new JsonObject { ["PATH"] = $"/usr/{shape.Text}" };
        process["terminal"] = shape.Terminal;
        process["executables"] = shape.Sealed ? "sealed" : "open";
        if (!shape.Sealed)
        {
            process["writable"] = "8Mi";
        }

        if (shape.Hole)
        {
            process["env"]!["POD_IP"] = new JsonObject { ["from"] = "host", ["matches"] = "[0-9.]+" };
            p["sandbox"]!["hostname"] = new JsonObject { ["from"] = "host", ["matches"] = "pod-[0-9]+" };
        }
        else
        {
            p["sandbox"]!["hostname"] = $"host-{shape.Text}";
        }

        // Maximums below the canary number, so that a canary limit is refused; without them it has no effect.
        entry["resources"] = new JsonObject();
        Maximum(shape.Memory, "memory", 60_000);
        Maximum(shape.Cpus, "cpus", 0.5);
        Maximum(shape.Pids, "pids", 60_000);
        if (!shape.Files)
        {
            entry["mounts"] = new JsonArray();
        }

        void Maximum(bool there, string name, double most)
        {
            if (there)
            {
                entry["resources"]![name] = most == 0.5 ? JsonValue.Create(most) : JsonValue.Create((long)most);
            }
        }
    });

    private static JsonObject Honest(ContainerEntry entry, bool hole) => Sample.Spec(s =>
    {
        s["process"]!["args"] = new JsonArray([.. entry.Process.Args.Select(a => (JsonNode)a.Text!)]);
        s["process"]!["terminal"] = entry.Process.Terminal;
        s["process"]!["env"] = hole ? new JsonArray("POD_IP=10.1.2.3") : new JsonArray();
        s["hostname"] = "pod-1";
        s["linux"]!.AsObject().Remove("resources");
    });

    // The independent oracle: every member against the policy's own value, or the one admitted hole.
    private static void AssertOnlyThePolicys(ContainerPlan plan, ContainerEntry entry, bool hole)
    {
        ProcessPlan process = plan.Process;
        Assert.Equal(entry.Process.Args.Select(a => a.Text), process.Args);
        Assert.Equal(entry.Process.Env.Select(e => e.FromHost ? "POD_IP=10.1.2.3" : e.Assignment!), process.Env);
        Assert.Equal((entry.Process.Cwd, entry.Process.Uid, entry.Process.Gid), (process.Cwd, process.Uid, process.Gid));
        Assert.True(process.Capabilities.IsEmpty && process.Rlimits.IsEmpty && process.AdditionalGids.IsEmpty && process.NoNewPrivileges && !process.AmbientCapabilities);
        Assert.True(process is { Umask: null, OomScoreAdj: null });
        Assert.Equal(entry.Sealed, plan.RootReadOnly);
        Assert.Equal(entry.Root, plan.Root);
        Assert.Equal(hole ? "pod-1" : plan.Hostname, plan.Hostname);
        Assert.Equal(entry.Process.MaskedPaths, plan.MaskedPaths);
        Assert.Equal(entry.Process.ReadonlyPaths, plan.ReadonlyPaths);
        Assert.Empty(plan.Sysctls);
        Assert.Same(entry.Seccomp, plan.Seccomp);
        Assert.Equal(entry.Resources.MemoryBytes, plan.Resources.MemoryBytes);
        Assert.Equal(entry.Resources.Pids, plan.Resources.Pids);
        Assert.True(entry.Resources.MilliCpus is { } cpus ? plan.Resources.CpuQuotaUs * 1000 <= (long)plan.Resources.CpuPeriodUs! * cpus : plan.Resources is { CpuQuotaUs: null, CpuPeriodUs: null, CpuShares: null });
        Assert.All(plan.Mounts, m => Assert.True(entry.Mounts.Any(e => ReferenceEquals(e.Plan, m)) || m.Destination.StartsWith("/proc", StringComparison.Ordinal) || m.Destination.StartsWith("/dev", StringComparison.Ordinal) || m.Destination.StartsWith("/sys", StringComparison.Ordinal)));
    }
}
