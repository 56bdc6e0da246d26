using System.Collections.Immutable;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Seccomp;

/// <summary>
/// The system-call filters. An allow list: what is not named fails with ENOSYS, so that programs fall back as on an older kernel; what is
/// known and refused fails with EPERM. Several rules for one call are alternatives, several conditions within one rule must all hold, and no rule
/// has two conditions on one argument, as libseccomp wants it. Only native x86-64 calls: another architecture's end the process.
/// </summary>
internal static class SeccompProfiles
{
    private const string Allow = "SCMP_ACT_ALLOW", Errno = "SCMP_ACT_ERRNO", Equal = "SCMP_CMP_EQ", Masked = "SCMP_CMP_MASKED_EQ";
    private const uint Eperm = 1, Enosys = 38;

    // CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET (linux/sched.h); NEWTIME is clone3's only.
    private const ulong NamespaceFlags = 0x7E02_0000;
    private const ulong ProtWrite = 2, ProtExec = 4, MapAnonymous = 0x20, ShmExec = 0x8000;
    private const ulong Unix = 1, Inet = 2, Inet6 = 10, Netlink = 16, NetlinkRoute = 0;
    private const ulong TypeMask = 0xf, Stream = 1, Datagram = 2;

    // socket(2) protocols of stream (any, TCP) and datagram (any, UDP, ICMP echo of either family) sockets. No raw, no packet, no vsock.
    private static readonly (ulong Type, ulong Protocol)[] InetSockets = [(Stream, 0), (Stream, 6), (Datagram, 0), (Datagram, 17), (Datagram, 1), (Datagram, 58)];

    private static readonly ImmutableArray<SeccompRulePlan> Conditions =
    [
        When("clone", new SeccompArgPlan(0, NamespaceFlags, 0, Masked)),
        // glibc and musl fall back to clone, whose flags can be looked at.
        new(["clone3"], Errno, Enosys, []),
        .. new ulong[] { 0, 8, 0x20000, 0x20008, 0xffffffff }.Select(persona => When("personality", new SeccompArgPlan(0, persona, 0, Equal))),
        When("socketpair", new SeccompArgPlan(0, Unix, 0, Equal)),
        When("socket", new SeccompArgPlan(0, Unix, 0, Equal)),
        When("socket", new SeccompArgPlan(0, Netlink, 0, Equal), new SeccompArgPlan(2, NetlinkRoute, 0, Equal)),
        .. new[] { Inet, Inet6 }.SelectMany(family => InetSockets.Select(s =>
            When("socket", new SeccompArgPlan(0, family, 0, Equal), new SeccompArgPlan(1, TypeMask, s.Type, Masked), new SeccompArgPlan(2, s.Protocol, 0, Equal)))),
    ];

    // No memory that is, or becomes, both fresh and executable: code only by mapping a file that cannot be written through the mapping.
    private static readonly ImmutableArray<SeccompRulePlan> NoFreshCode =
    [
        When("mmap", new SeccompArgPlan(2, ProtExec, 0, Masked)),
        When("mmap", new SeccompArgPlan(2, ProtWrite, 0, Masked), new SeccompArgPlan(3, MapAnonymous, 0, Masked)),
        When("mprotect", new SeccompArgPlan(2, ProtExec, 0, Masked)),
        When("pkey_mprotect", new SeccompArgPlan(2, ProtExec, 0, Masked)),
        When("shmat", new SeccompArgPlan(2, ShmExec, 0, Masked)),
    ];

    private static readonly ImmutableArray<string> StrictCalls = ["mmap", "mprotect", "pkey_mprotect", "remap_file_pages", "shmat"];

    private static readonly SeccompPlan Default = Build(strict: false, [], []);
    private static readonly SeccompPlan Strict = Build(strict: true, [], []);

    /// <summary><c>default</c> or <c>strict</c>.</summary>
    public static SeccompPlan Named(string name) => name == "strict" ? Strict : Default;

    /// <summary>A profile with calls taken out and put in. The caller has checked the names.</summary>
    public static SeccompPlan Adjusted(string name, IReadOnlyCollection<string> deny, IReadOnlyCollection<string> allow) =>
        deny.Count + allow.Count == 0 ? Named(name) : Build(name == "strict", deny, allow);

    private static SeccompPlan Build(bool strict, IReadOnlyCollection<string> deny, IReadOnlyCollection<string> allow)
    {
        IEnumerable<string> without = strict ? deny.Concat(StrictCalls.Except(allow)) : deny;
        ImmutableArray<string> allowed = [.. SyscallSets.Allowed.Concat(allow).Except(without).Order(StringComparer.Ordinal)];
        ImmutableArray<SeccompRulePlan> conditional = [.. (strict ? Conditions.AddRange(NoFreshCode) : Conditions).Where(r => !deny.Contains(r.Names[0]) && !(r.Action == Allow && allow.Contains(r.Names[0])))];
        // memfd_create is left to ENOSYS: programs then use a file.
        ImmutableArray<string> refused =
        [
            .. SyscallSets.Known.Except(allowed).Except(conditional.Select(r => r.Names[0])).Except(["memfd_create", "memfd_secret"]).Order(StringComparer.Ordinal),
        ];
        return new(Errno, Enosys, ["SCMP_ARCH_X86_64"],
        [
            new(allowed, Allow, null, []),
            .. conditional,
            new(refused, Errno, Eperm, []),
        ]);
    }

    private static SeccompRulePlan When(string name, params SeccompArgPlan[] conditions) => new([name], Allow, null, [.. conditions]);
}
