using System.Text;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Shield;
using Pavise.Policy;
using Pavise.Policy.Model;
using Pavise.Policy.Oci;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;

namespace Pavise.Guest.Tests.Shield;

public sealed class PolicyShieldTests
{
    private static readonly RootHash Root = RootHash.FromBytes(new byte[32]);

    [Fact]
    public async Task What_failed_to_be_carried_out_leaves_no_trace_in_the_state()
    {
        PolicyShield shield = Make();
        await Assert.ThrowsAsync<IOException>(() => CreateAsync(shield, "c1", () => throw new IOException("mount failed")));
        await CreateAsync(shield, "c1");
        Assert.Contains(shield.Audit.Snapshot().Entries, e => e.Reason.Contains("not carried out", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_carried_out_counts_for_the_next_decision()
    {
        PolicyShield shield = Make();
        await CreateAsync(shield, "c1");
        await AssertRefusedAsync(() => CreateAsync(shield, "c2"));
    }

    [Fact]
    public async Task Of_two_requests_at_once_for_a_single_instance_one_is_carried_out()
    {
        PolicyShield shield = Make();
        TaskCompletionSource mounted = new();
        Task first = CreateAsync(shield, "c1", () => mounted.Task);
        Task second = CreateAsync(shield, "c2");
        mounted.SetResult();
        await first;
        await AssertRefusedAsync(() => second);
    }

    [Fact]
    public async Task A_question_is_answered_while_a_change_is_being_carried_out()
    {
        PolicyShield shield = Make();
        TaskCompletionSource mounted = new();
        Task creating = CreateAsync(shield, "c1", () => mounted.Task);
        Assert.Throws<TtrpcException>(() => shield.Decide<Plan>(new Checkpoint("c1"), "c1"));
        mounted.SetResult();
        await creating;
    }

    [Theory]
    [InlineData("redacted", false)]
    [InlineData("detailed", true)]
    public void The_host_hears_the_decisions_id_and_the_reason_only_where_the_policy_says_so(string errors, bool detailed)
    {
        PolicyShield shield = Make(errors);
        TtrpcException refused = Assert.Throws<TtrpcException>(() => shield.Decide<Plan>(new Checkpoint("c1"), "c1"));
        AuditEntry entry = Assert.Single(shield.Audit.Snapshot().Entries, e => !e.Permitted);
        Assert.Equal(TtrpcStatus.PermissionDenied, refused.Status);
        Assert.StartsWith($"refused by the owner's policy, decision {entry.Id}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(detailed, refused.Message.Contains(entry.Reason, StringComparison.Ordinal));
        Assert.Equal(detailed, refused.Message.Contains(entry.Rule, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("redacted", false)]
    [InlineData("detailed", true)]
    public async Task What_the_launcher_says_of_a_failure_is_the_owners_to_read(string errors, bool detailed)
    {
        const string said = "open executable /srv/secret: Permission denied";
        PolicyShield shield = Make(errors);
        TtrpcException failed = await Assert.ThrowsAsync<TtrpcException>(() => CreateAsync(shield, "c1", () => throw new TtrpcException(TtrpcStatus.Internal, said)));
        AuditEntry entry = shield.Audit.Snapshot().Entries[^1];
        Assert.Equal(TtrpcStatus.Internal, failed.Status);
        Assert.Contains(said, entry.Reason, StringComparison.Ordinal);
        Assert.Equal(detailed ? said : $"permitted, but could not be carried out, decision {entry.Id}", failed.Message);
    }

    [Fact]
    public async Task The_key_brokers_time_is_not_set_back_by_the_hosts_first_proposal()
    {
        DateTimeOffset now = new(2027, 6, 1, 0, 0, 0, TimeSpan.Zero), old = now.AddYears(-1);
        SetClock back = new(Ns(old), Ns(now)), far = new(Ns(now.AddYears(5)), Ns(now));
        Make().Decide<ClockPlan>(back, "");
        PolicyShield shield = Make();
        long set = 0;
        await shield.TakeTimeAsync(new ClockPlan(Ns(now)), plan => Task.FromResult(set = plan.UnixNs));
        Assert.Equal(Ns(now), set);
        Assert.Throws<TtrpcException>(() => shield.Decide<ClockPlan>(back, ""));
        Assert.Throws<TtrpcException>(() => shield.Decide<ClockPlan>(far, ""));
    }

    [Fact]
    public async Task The_key_brokers_time_waits_for_a_proposal_of_the_host_that_is_being_carried_out()
    {
        DateTimeOffset now = new(2027, 6, 1, 0, 0, 0, TimeSpan.Zero);
        PolicyShield shield = Make();
        TaskCompletionSource carried = new();
        List<long> set = [];
        async Task<int> Set(ClockPlan plan)
        {
            await carried.Task;
            set.Add(plan.UnixNs);
            return 0;
        }

        Task<int> host = shield.RunAsync<ClockPlan, int>(new SetClock(Ns(now.AddYears(-1)), Ns(now)), "", Set, default);
        Task broker = shield.TakeTimeAsync(new ClockPlan(Ns(now)), Set);
        carried.SetResult();
        await Task.WhenAll(host, broker);
        Assert.Equal([Ns(now.AddYears(-1)), Ns(now)], set);
    }

    [Theory]
    [InlineData("redacted", false)]
    [InlineData("detailed", true)]
    public void What_the_key_broker_says_is_the_owners_to_read(string errors, bool detailed)
    {
        PolicyShield shield = Make(errors);
        string said = shield.NotReleased("c1", "kbs:///a/b/c: refused: another policy").Message;
        Assert.Equal(detailed, said.Contains("another policy", StringComparison.Ordinal));
        AuditEntry entry = shield.Audit.Snapshot().Entries[^1];
        Assert.Contains(entry.Id, said, StringComparison.Ordinal);
        Assert.Contains("another policy", entry.Reason, StringComparison.Ordinal);
    }

    private static long Ns(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    private static PolicyShield Make(string errors = "redacted") => new(
        PolicyDocument.ParseCanonical(Encoding.UTF8.GetBytes(
            $$$$"""{"apiVersion":"pavise.dev/v1","attestation":{"tees":["sim"]},"containers":[{"image":{"rootfs":"{{{{Root}}}}"},"name":"main","process":{"args":["/bin/true"],"cwd":"/","user":{"gid":0,"uid":0}}}],"host":{"errors":"{{{{errors}}}}"},"kind":"Policy","metadata":{"name":"t","version":1}}""")),
        new AuditLog(TimeProvider.System));

    private static async Task CreateAsync(PolicyShield shield, string id, Func<Task>? execute = null)
    {
        await shield.RunAsync(new AttachImage(0, Root, 1), "", (AttachImagePlan _) => Task.FromResult(0), default);
        OciSpec spec = OciSpec.Parse("""{"ociVersion":"1.0.2","process":{"args":["/bin/true"],"cwd":"/","user":{"uid":0,"gid":0}},"root":{"path":"rootfs"}}"""u8.ToArray());
        await shield.RunAsync(
            new CreateContainer(id, "main", spec, Root),
            id,
            async (ContainerPlan _) =>
            {
                await (execute?.Invoke() ?? Task.CompletedTask);
                return 0;
            },
            default);
    }

    private static async Task AssertRefusedAsync(Func<Task> act) => Assert.Equal(TtrpcStatus.PermissionDenied, (await Assert.ThrowsAsync<TtrpcException>(act)).Status);
}
