using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>What a host adds to its OCI configuration and the policy does not know has no effect; with <c>strict</c> it is refused.</summary>
public sealed class InjectionTests
{
    private const string Look = "[sh, -c, \"cat /proc/self/environ | tr '\\\\0' '\\\\n'; grep -E 'Cap|NoNewPrivs|Seccomp:' /proc/self/status; cat /proc/self/mounts; mount -t tmpfs none /data || echo mount-refused; hostname\"]";

    private static readonly string[] LookArgs = ["sh", "-c", "cat /proc/self/environ | tr '\\0' '\\n'; grep -E 'Cap|NoNewPrivs|Seccomp:' /proc/self/status; cat /proc/self/mounts; mount -t tmpfs none /data || echo mount-refused; hostname"];

    private static readonly Dictionary<string, Action<JsonObject>> Injections = new()
    {
        ["LD_PRELOAD"] = c => c["process"]!["env"]!.AsArray().Add("LD_PRELOAD=/injected.so"),
        ["service variables"] = c => c["process"]!["env"]!.AsArray().Add("INJECTED_SERVICE_HOST=10.0.0.1"),
        ["capabilities"] = c =>
        {
            foreach (string set in new[] { "bounding", "effective", "permitted", "inheritable", "ambient" })
            {
                c["process"]!["capabilities"]![set] = new JsonArray("CAP_SYS_ADMIN", "CAP_NET_ADMIN");
            }
        },
        ["bind mount"] = c => c["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/injected", ["type"] = "bind", ["source"] = "/etc", ["options"] = new JsonArray("rbind", "rw") }),
        ["seccomp"] = c => c["linux"]!["seccomp"] = new JsonObject { ["defaultAction"] = "SCMP_ACT_ALLOW" },
        ["privileges"] = c => c["process"]!["noNewPrivileges"] = false,
    };

    public static TheoryData<string> Names => [.. Injections.Keys];

    [Fact]
    public async Task Everything_that_a_host_injects_at_once_has_no_effect()
    {
        await using Node node = new("tcg");
        (string root, string layout) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string annotation = await Owner.AnnotationAsync(Policies.Plain(await Owner.RootHashAsync(layout), Look));
        JsonObject config = Bundle.Config(root, LookArgs, env: ["PATH=/usr/bin:/bin"]);
        foreach (Action<JsonObject> inject in Injections.Values)
        {
            inject(config);
        }

        config["annotations"] = new JsonObject { ["injected.example/annotation"] = "INJECTED" };
        config["linux"]!["sysctl"] = new JsonObject { ["kernel.shm_rmid_forced"] = "1" };
        config["linux"]!["cgroupsPath"] = "/../../injected";

        CommandResult seen = (await node.RuntimeAsync("run", "--bundle", node.Bundle("inject", config, annotation), "inject")).OrThrow("run");

        Assert.DoesNotContain("injected", seen.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("CapEff:\t0000000000000000", seen.Output, StringComparison.Ordinal);
        Assert.Contains("CapBnd:\t0000000000000000", seen.Output, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1", seen.Output, StringComparison.Ordinal);
        Assert.Contains("Seccomp:\t2", seen.Output, StringComparison.Ordinal);
        Assert.Contains("mount-refused", seen.Output, StringComparison.Ordinal);
        Assert.Contains("PATH=/usr/bin:/bin", seen.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_injection_is_refused_where_the_policy_is_strict(string injection)
    {
        await using Node node = new("tcg");
        (string root, string layout) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        string annotation = await Owner.AnnotationAsync(Policies.Plain(await Owner.RootHashAsync(layout), "[\"true\"]", top: "strict: true"));

        JsonObject honest = Bundle.Config(root, ["true"], env: ["PATH=/usr/bin:/bin"]);
        foreach (string set in new[] { "bounding", "effective", "permitted" })
        {
            honest["process"]!["capabilities"]![set] = new JsonArray();
        }

        (await node.RuntimeAsync("run", "--bundle", node.Bundle("honest", honest, annotation), "honest")).OrThrow("the honest neighbour");

        JsonObject hostile = (JsonObject)honest.DeepClone();
        Injections[injection](hostile);
        CommandResult refused = await node.RuntimeAsync("run", "--bundle", node.Bundle("hostile", hostile, annotation), "hostile");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("refused by the owner's policy, decision ", refused.Error, StringComparison.Ordinal);
    }
}
