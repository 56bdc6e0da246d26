using System.Text.Json.Nodes;
using Pavise.Policy.Plans;
using Pavise.Policy.Seccomp;
using Pavise.Policy.Tests.Support;

namespace Pavise.Policy.Tests.Seccomp;

/// <summary>The profiles, judged by a small evaluator of their rules.</summary>
public sealed class SeccompTests
{
    public static TheoryData<string> Never => [.. SyscallSets.NeverAllowed];

    [Theory]
    [MemberData(nameof(Never))]
    public void What_is_never_allowed_is_refused_in_every_profile(string call)
    {
        Assert.NotEqual("SCMP_ACT_ALLOW", Act(SeccompProfiles.Named("default"), call));
        Assert.NotEqual("SCMP_ACT_ALLOW", Act(SeccompProfiles.Named("strict"), call));
        Assert.NotEqual("SCMP_ACT_ALLOW", Act(SeccompProfiles.Adjusted("default", [], [.. SyscallSets.OnRequest]), call));
    }

    [Theory]
    [InlineData(1, 1, 0, true)]          // AF_UNIX stream
    [InlineData(2, 0x80001, 6, true)]    // AF_INET stream, close on exec, TCP
    [InlineData(10, 0x802, 17, true)]    // AF_INET6 datagram, non-blocking, UDP
    [InlineData(16, 0x80003, 0, true)]   // AF_NETLINK route
    [InlineData(16, 3, 9, false)]        // audit
    [InlineData(2, 3, 0, false)]         // raw
    [InlineData(2, 1, 132, false)]       // SCTP
    [InlineData(17, 2, 0, false)]        // AF_PACKET
    [InlineData(40, 1, 0, false)]        // AF_VSOCK
    [InlineData(38, 5, 0, false)]        // AF_ALG
    public void Sockets_speak_to_no_one_behind_the_shields_back(ulong family, ulong type, ulong protocol, bool allowed) =>
        Assert.Equal(allowed, Act(SeccompProfiles.Named("default"), "socket", family, type, protocol) == "SCMP_ACT_ALLOW");

    [Theory]
    [InlineData(0x01200011UL, true)]     // fork
    [InlineData(0x003d0f00UL, true)]     // a thread
    [InlineData(0x10000011UL, false)]    // CLONE_NEWUSER
    [InlineData(0x00020011UL, false)]    // CLONE_NEWNS
    public void New_processes_get_no_namespaces(ulong flags, bool allowed)
    {
        Assert.Equal(allowed, Act(SeccompProfiles.Named("default"), "clone", flags) == "SCMP_ACT_ALLOW");
        Assert.Equal("SCMP_ACT_ERRNO 38", Act(SeccompProfiles.Named("default"), "clone3"));
    }

    [Theory]
    [InlineData("mmap", 3, 0x22, true)]   // anonymous, readable and writable
    [InlineData("mmap", 5, 0x02, true)]   // a library's code
    [InlineData("mmap", 7, 0x22, false)]  // anonymous and executable
    [InlineData("mmap", 5, 0x22, false)]
    [InlineData("mmap", 7, 0x02, false)]  // writable and executable copy of a file
    [InlineData("mprotect", 1, 0, true)]
    [InlineData("mprotect", 5, 0, false)]
    [InlineData("pkey_mprotect", 4, 0, false)]
    [InlineData("shmat", 0x8000, 0, false)]
    public void Strict_lets_no_memory_become_code(string call, ulong third, ulong fourth, bool allowed)
    {
        Assert.Equal(allowed, Act(SeccompProfiles.Named("strict"), call, 0, 4096, third, fourth) == "SCMP_ACT_ALLOW");
        Assert.Equal("SCMP_ACT_ALLOW", Act(SeccompProfiles.Named("default"), call, 0, 4096, third, fourth));
    }

    [Fact]
    public void Every_call_stands_in_one_set_and_no_argument_twice_in_a_rule()
    {
        string[] all = [.. SyscallSets.Allowed, .. SyscallSets.Conditional, .. SyscallSets.OnRequest, .. SyscallSets.NeverAllowed];
        Assert.Empty(all.GroupBy(c => c).Where(g => g.Count() > 1).Select(g => g.Key));
        foreach (SeccompPlan plan in new[] { SeccompProfiles.Named("default"), SeccompProfiles.Named("strict") })
        {
            Assert.All(plan.Rules, r => Assert.Equal(r.Args.Length, r.Args.Select(a => a.Index).Distinct().Count()));
            Assert.Equal(["SCMP_ARCH_X86_64"], plan.Architectures);
            Assert.Equal(("SCMP_ACT_ERRNO", 38u), (plan.DefaultAction, plan.DefaultErrnoRet!.Value));

            // libseccomp: a call that is permitted without conditions must not stand in another rule.
            string[] plain = [.. plan.Rules.Where(r => r.Args.IsEmpty).SelectMany(r => r.Names)];
            Assert.Equal(plain.Length, plain.Distinct().Count());
            Assert.Empty(plan.Rules.Where(r => !r.Args.IsEmpty).SelectMany(r => r.Names).Intersect(plain));
        }
    }

    [Fact]
    public void The_kernels_calls_are_all_known()
    {
        const string header = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h";
        if (File.Exists(header))
        {
            IEnumerable<string> calls = File.ReadLines(header).Where(l => l.StartsWith("#define __NR_", StringComparison.Ordinal)).Select(l => l.Split(' ')[1][5..]);
            Assert.Empty(calls.Except(SyscallSets.Known));
        }
    }

    [Fact]
    public void A_policy_takes_calls_out_and_puts_calls_in()
    {
        SeccompPlan plan = Sample.Document(p => p["containers"]![0]!["process"]!["seccomp"] = new JsonObject
        {
            ["base"] = "default",
            ["deny"] = new JsonArray("chmod", "socketpair"),
            ["allow"] = new JsonArray("memfd_create"),
        }).Containers[0].Seccomp;
        Assert.Equal("SCMP_ACT_ERRNO 1", Act(plan, "chmod"));
        Assert.Equal("SCMP_ACT_ERRNO 1", Act(plan, "socketpair", 1));
        Assert.Equal("SCMP_ACT_ALLOW", Act(plan, "memfd_create"));
        Assert.Equal("SCMP_ACT_ERRNO 38", Act(SeccompProfiles.Named("default"), "memfd_create"));
    }

    private static string Act(SeccompPlan plan, string call, params ulong[] args)
    {
        foreach (SeccompRulePlan rule in plan.Rules.Where(r => r.Names.Contains(call)))
        {
            if (rule.Args.All(a => a.Op == "SCMP_CMP_EQ" ? Arg(a) == a.Value : (Arg(a) & a.Value) == a.ValueTwo))
            {
                return rule.Action == "SCMP_ACT_ALLOW" ? rule.Action : $"{rule.Action} {rule.ErrnoRet}";
            }
        }

        return $"{plan.DefaultAction} {plan.DefaultErrnoRet}";

        ulong Arg(SeccompArgPlan a) => a.Index < (uint)args.Length ? args[a.Index] : 0;
    }
}
