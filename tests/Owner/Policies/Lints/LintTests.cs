using Pavise.Owner.Policies.Lints;
using Pavise.Owner.Tests.Policies.Operations;
using Pavise.Owner.Tests.Support;

namespace Pavise.Owner.Tests.Policies.Lints;

public sealed class LintTests : IDisposable
{
    private const string Hardened = """
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: app, version: 1 }
        sandbox: { hostname: app, memory: 256Mi, cpus: 1 }
        containers:
          - name: app
            image: { rootfs: "verity-sha256:1111111111111111111111111111111111111111111111111111111111111111" }
            process: { args: [app], env: { A: x }, user: { uid: 1, gid: 1 } }
            mounts: [{ path: /data, volume: data }]
            exec: [{ args: [ping], output: exit-code }]
            signals: [TERM, KILL]
            exit: success
        volumes: { data: { kind: memory, size: 1Mi } }
        attestation: { tees: [snp] }
        """;

    /// <summary>For each lint one change of the hardened policy that it finds.</summary>
    private static readonly Dictionary<string, (string Part, string Instead)> Wide = new()
    {
        ["no-tee"] = ("tees: [snp]", "tees: []"),
        ["sim-tee"] = ("tees: [snp]", "tees: [sim]"),
        ["placeholder"] = ("verity-sha256:1111111111111111111111111111111111111111111111111111111111111111", "verity-sha256:0000000000000000000000000000000000000000000000000000000000000000"),
        ["insecure-egress"] = ("attestation:", "network: { egress: [{ host: db, port: 1 }] }\nattestation:"),
        ["unpinned-egress"] = ("attestation:", "network: { egress: [{ host: db, port: 1, tls: require }] }\nattestation:"),
        ["insecure-ingress"] = ("attestation:", "network: { ingress: [{ port: 1 }] }\nattestation:"),
        ["shared-volume"] = ("data: { kind: memory, size: 1Mi }", "data: { kind: shared, visibleToHost: true }"),
        ["stale-volume"] = ("data: { kind: memory, size: 1Mi } }\nattestation: {", $"data: {{ kind: encrypted, size: 64Mi, key: \"kbs:///a/b/c\" }} }}\nattestation: {{ keyBroker: {{ url: \"https://k:1\", key: \"spki-sha256:{new string('1', 64)}\" }},"),
        ["detailed-errors"] = ("attestation:", "host: { errors: detailed }\nattestation:"),
        ["exact-stats"] = ("attestation:", "host: { stats: exact }\nattestation:"),
        ["process-names"] = ("attestation:", "host: { processes: names }\nattestation:"),
        ["pause"] = ("attestation:", "host: { pause: allow }\nattestation:"),
        ["open-root"] = ("user: { uid: 1, gid: 1 }", "user: { uid: 1, gid: 1 }, executables: open, writable: 1Mi"),
        ["executable-mount"] = ("user: { uid: 1, gid: 1 } }\n    mounts: [{ path: /data, volume: data }]", "user: { uid: 1, gid: 1 }, executables: open, writable: 1Mi }\n    mounts: [{ path: /data, volume: data, exec: true }]"),
        ["plain-logs"] = ("exit: success", "exit: success\n    stdio: { stderr: host }"),
        ["host-stdin"] = ("exit: success", "exit: success\n    stdio: { stdin: host }"),
        ["exec-output"] = ("output: exit-code", "output: host"),
        ["exec-shell"] = ("args: [ping]", "args: [/bin/sh, -c, { matches: \".*\" }]"),
        ["strong-capability"] = ("user: { uid: 1, gid: 1 }", "user: { uid: 1, gid: 1 }, capabilities: [SYS_ADMIN]"),
        ["new-privileges"] = ("user: { uid: 1, gid: 1 }", "user: { uid: 1, gid: 1 }, noNewPrivileges: false"),
        ["root-user"] = ("uid: 1,", "uid: 0,"),
        ["exact-exit"] = ("exit: success", "exit: exact"),
        ["no-kill"] = ("signals: [TERM, KILL]", "signals: [TERM]"),
        ["opened-syscalls"] = ("user: { uid: 1, gid: 1 }", "user: { uid: 1, gid: 1 }, seccomp: { base: default, allow: [keyctl] }"),
        ["unused-volume"] = ("size: 1Mi } }", "size: 1Mi }, other: { kind: memory, size: 1Mi } }"),
        ["any-hostname"] = ("hostname: app", "hostname: any"),
        ["any-variable"] = ("A: x", "A: { from: host }"),
        ["wide-matches"] = ("A: x", "A: { from: host, matches: \".*\" }"),
        ["wide-argument"] = ("args: [app]", "args: [{ matches: \"app|other\" }]"),
        ["host-file"] = ("volume: data }]", "volume: data }, { path: /etc/x, from: host }]"),
        ["impossible-matches"] = ("A: x", "A: { from: host, matches: \"[^\\\\d\\\\D]\" }"),
    };

    private readonly string folder = Directory.CreateTempSubdirectory("pavise-lints-").FullName;

    public static TheoryData<string> Ids => [.. PolicyLints.All.Select(l => l.Id)];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_lint_is_silent_on_a_hardened_policy_and_finds_its_wide_choice(string id)
    {
        Assert.Empty(PolicyLints.Check(Samples.Parse(Hardened)));
        (string part, string instead) = Wide[id];
        Assert.Contains(part, Hardened, StringComparison.Ordinal);
        Assert.Contains(PolicyLints.Check(Samples.Parse(Hardened.Replace(part, instead, StringComparison.Ordinal))), f => f.Id == id && f.Message.Length > 0 && f.Path.Length > 0);
    }

    [Fact]
    public void The_documentation_lists_every_lint_with_its_weight()
    {
        string page = File.ReadAllText(Path.Combine(Root(), "docs", "policy-tools.md"));
        Assert.All(PolicyLints.All, l => Assert.Contains($"| `{l.Id}` | {(l.Weight == Weight.Error ? "error" : "warning")} |", page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Exit_codes_tell_errors_and_warnings_apart_and_a_lint_can_be_passed_over()
    {
        string plain = Samples.Write(folder, Hardened), warned = Samples.Write(folder, Hardened.Replace("exit: success", "exit: exact", StringComparison.Ordinal)), wrong = Samples.Write(folder, Hardened.Replace("tees: [snp]", "tees: []", StringComparison.Ordinal));
        Assert.Equal(0, (await PaviseCommand.RunAsync("policy", "check", plain, "--fail-on-warnings")).Code);
        Assert.Equal(0, (await PaviseCommand.RunAsync("policy", "check", warned)).Code);
        Assert.Equal(5, (await PaviseCommand.RunAsync("policy", "check", warned, "--fail-on-warnings")).Code);
        Assert.Equal(0, (await PaviseCommand.RunAsync("policy", "check", warned, "--fail-on-warnings", "--allow", "exact-exit")).Code);
        Assert.Equal(1, (await PaviseCommand.RunAsync("policy", "check", wrong)).Code);
        (int code, _, string errors) = await PaviseCommand.RunAsync("policy", "check", warned, "--allow", "exact-exi");
        Assert.Equal(1, code);
        Assert.Contains("did you mean \"exact-exit\"?", errors, StringComparison.Ordinal);
    }

    internal static string Root()
    {
        string? at = AppContext.BaseDirectory;
        while (at is not null && !File.Exists(Path.Combine(at, "Pavise.slnx")))
        {
            at = Path.GetDirectoryName(at);
        }

        return at ?? throw new InvalidOperationException("Pavise.slnx is in no parent folder of the tests");
    }
}
