using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Tests.Support;

namespace Pavise.Policy.Tests.Engine;

/// <summary>Sealed values: where the policy takes them, and what a plan says of them.</summary>
public sealed class SealedTests
{
    private const string Key = "kbs:///shop/keys/seal";

    private static PolicyDocument Policy() => Sample.Document(p =>
    {
        using ECDsa owner = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        string spki = Convert.ToBase64String(owner.ExportSubjectPublicKeyInfo());
        p["owners"] = new JsonArray(new JsonObject { ["name"] = "alice", ["signKey"] = spki, ["sealKey"] = spki, ["may"] = new JsonArray("seal") });
        p["attestation"]!["keyBroker"] = new JsonObject { ["url"] = "https://kb:8443", ["key"] = "spki-sha256:" + new string('0', 64) };
        JsonNode main = p["containers"]![0]!;
        main["process"]!["env"]!["PASSWORD"] = new JsonObject { ["from"] = "host", ["sealed"] = new JsonArray(Key), ["required"] = true };
        main["mounts"]!.AsArray().Add(new JsonObject { ["path"] = "/run/key", ["from"] = "host", ["sealed"] = new JsonArray(Key, "kbs:///shop/keys/next"), ["uid"] = 5 });
        main["exec"]!.AsArray().Add(new JsonObject { ["args"] = new JsonArray("own"), ["output"] = "host", ["env"] = new JsonObject { ["PASSWORD"] = "fixed" } });
    });

    private static Decision Create(PolicyDocument policy, params string[] env) => PolicyEngine.Decide(policy, Sample.Attached(policy), Sample.Create(s =>
    {
        foreach (string variable in env)
        {
            s["process"]!["env"]!.AsArray().Add(variable);
        }

        s["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/run/key", ["type"] = "bind", ["source"] = "/x" });
    }));

    [Fact]
    public void A_plan_says_what_is_sealed_and_which_resources_it_may_use()
    {
        PolicyDocument policy = Policy();
        ContainerPlan plan = (ContainerPlan)Create(policy, "PASSWORD=sealed.a.b.c").Plan!;
        SealedVariablePlan variable = Assert.Single(plan.SealedVariables);
        Assert.Equal(("PASSWORD", Key), (variable.Name, Assert.Single(variable.Resources)));
        SealedFilePlan file = plan.Mounts.Single(m => m.Destination == "/run/key").Files[0].Sealed!;
        Assert.Equal((2, 0x100u, 5u, 999u), (file.Resources.Length, file.Mode, file.Uid, file.Gid));
        Assert.Equal([Key, "kbs:///shop/keys/next"], policy.SealedResources);
        Assert.Null(plan.Mounts.Single(m => m.Destination == "/etc/hosts").Files[0].Sealed);
    }

    [Theory]
    [InlineData("PASSWORD=plain")]
    [InlineData("PASSWORD=")]
    [InlineData("PASSWORD=Sealed.a.b.c")]
    public void A_value_that_is_not_sealed_is_refused_where_the_policy_wants_a_sealed_one(string variable) =>
        Assert.Contains("env", Create(Policy(), variable).Refusal!.Rule, StringComparison.Ordinal);

    [Fact]
    public void A_required_one_that_is_missing_or_comes_twice_is_refused()
    {
        Assert.NotNull(Create(Policy()).Refusal);
        Assert.NotNull(Create(Policy(), "PASSWORD=sealed.a.b.c", "PASSWORD=sealed.d.e.f").Refusal);
        Assert.NotNull(Create(Policy(), "PASSWORD=sealed." + new string('a', PolicyLimits.SealedVariableChars)).Refusal);
    }

    [Fact]
    public void An_exec_gets_the_containers_opened_value_and_never_the_hosts_text()
    {
        PolicyDocument policy = Policy();
        State.PolicyState state = Sample.Attached(policy).After(Create(policy, "PASSWORD=sealed.a.b.c").Plan!)
            .Do(policy, Sample.Hosts).Do(policy, Sample.Pinned).Do(policy, new Requests.PutFile("c1", "/run/key", "", 5, new byte[32])).Do(policy, new Requests.StartContainer("c1"));
        ExecPlan ping = (ExecPlan)Sample.Permitted(policy, state, Sample.Exec("""{"args":["ping"],"cwd":"/data","user":{"uid":999,"gid":999},"env":["PASSWORD=sealed.x.y.z"]}"""));
        Assert.Equal(["PASSWORD"], ping.SealedVariables);
        ExecPlan own = (ExecPlan)Sample.Permitted(policy, state, Sample.Exec("""{"args":["own"],"cwd":"/data","user":{"uid":999,"gid":999}}""", "e2"));
        Assert.Empty(own.SealedVariables);
        Assert.Contains("PASSWORD=fixed", own.Process.Env);
    }
}
