using System.Text.Json.Nodes;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;
using Pavise.Policy.Tests.Support;

namespace Pavise.Policy.Tests.Engine;

/// <summary>What owners may do, and what of it the host carries.</summary>
public sealed class SessionTests
{
    private static readonly PolicyDocument Policy = Sample.Document();

    [Theory]
    [InlineData("exec")]
    [InlineData("attach")]
    [InlineData("logs")]
    [InlineData("copy")]
    [InlineData("forward")]
    [InlineData("ps")]
    [InlineData("stats")]
    [InlineData("audit")]
    public void An_owner_may_exactly_what_its_entry_says(string verb)
    {
        PolicyDocument one = Sample.Document(p => p["owners"]![0]!["may"] = new JsonArray(verb));
        PolicyState running = Sample.Running(one);
        OwnerRequest[] requests =
        [
            new OwnerExec("alice", "c1") { Args = ["sh"] }, new OwnerAttach("alice", "c1"), new OwnerLogs("alice", "c1"), new OwnerCopyIn("alice", "c1"), new OwnerCopyOut("alice", "c1"),
            new OwnerForward("alice", "c1"), new OwnerProcesses("alice", "c1"), new OwnerStats("alice", "c1"), new OwnerAudit("alice"),
        ];
        string[] permitted = [.. requests.Where(r => PolicyEngine.Decide(one, running, r).IsPermitted).Select(r => r.GetType().Name)];
        Assert.Equal(verb switch { "copy" => ["OwnerCopyIn", "OwnerCopyOut"], "ps" => ["OwnerProcesses"], _ => [$"Owner{char.ToUpperInvariant(verb[0])}{verb[1..]}"] }, permitted);
    }

    [Fact]
    public void A_key_that_the_policy_does_not_name_may_nothing() =>
        Assert.Equal("owners", Sample.Refused(Policy, Sample.Running(Policy), new OwnerStats("mallory", "c1")).Rule);

    [Fact]
    public void An_owners_process_has_the_containers_rights_and_the_owners_arguments()
    {
        OwnerExecPlan plan = (OwnerExecPlan)Sample.Permitted(Policy, Sample.Running(Policy), new OwnerExec("alice", "c1") { Args = ["sh", "-c", "id"], Env = ["ZONE=b"], Cwd = "/tmp", Stdin = true });
        Assert.Equal(["sh", "-c", "id"], plan.Process.Args);
        Assert.Equal(["PATH=/usr/bin", "POD_IP=10.0.0.7", "ZONE=b"], plan.Process.Env);
        Assert.Equal("/tmp", plan.Process.Cwd);
        Assert.Equal((999u, 999u), (plan.Process.Uid, plan.Process.Gid));
        Assert.Empty(plan.Process.Capabilities);
        Assert.True(plan.Process.NoNewPrivileges);
        Assert.Equal(new StdioPlan(StreamTarget.Owner, StreamTarget.Owner, StreamTarget.Owner, false), plan.Process.Stdio);
    }

    [Fact]
    public void The_host_carries_a_session_and_may_stop_carrying_it_but_not_resize_or_start_it()
    {
        PolicyState state = Sample.Running(Policy).Do(Policy, new OpenSession("c1", "s1"));
        Assert.True(state.Containers["c1"].IsSession("s1"));
        Sample.Permitted(Policy, state, new OpenStream("c1", "s1", StandardStream.Stdin));
        Sample.Permitted(Policy, state, new OpenStream("c1", "s1", StandardStream.Stdout));
        Sample.Refused(Policy, state, new OpenStream("c1", "s1", StandardStream.Stderr));
        Sample.Permitted(Policy, state, new SignalProcess("c1", "s1", 2, false));
        Sample.Permitted(Policy, state, new DeleteContainer("c1", "s1", true));
        Sample.Refused(Policy, state, new ResizeTerminal("c1", "s1", 80, 24));
        Sample.Refused(Policy, state, new OpenSession("c1", "s1"));
    }

    [Fact]
    public void What_is_sealed_to_owners_the_host_may_carry_and_input_of_owners_it_may_not()
    {
        PolicyDocument policy = Sample.Document(p => p["containers"]![0]!["stdio"] = new JsonObject { ["stdin"] = "owner", ["stdout"] = "owner", ["stderr"] = "owner" });
        PolicyState running = Sample.Running(policy);
        Sample.Permitted(policy, running, new OpenStream("c1", "", StandardStream.Stdout));
        Sample.Permitted(policy, running, new OpenStream("c1", "", StandardStream.Stderr));
        Sample.Refused(policy, running, new OpenStream("c1", "", StandardStream.Stdin));
        Assert.True(((OwnerPlan)Sample.Permitted(policy, running, new OwnerAttach("alice", "c1"))).Stdin);
    }

    [Fact]
    public void Streams_for_the_owner_need_an_owner()
    {
        PolicyFormatException e = Assert.Throws<PolicyFormatException>(() => Sample.Document(p =>
        {
            p["containers"]![0]!["stdio"]!["stdout"] = "owner";
            p.Remove("owners");
        }));
        Assert.Contains("owners", e.Message, StringComparison.Ordinal);
    }
}
