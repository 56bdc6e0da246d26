namespace Pavise.Integration.Tests.Support;

/// <summary>Policies in YAML that the tests share.</summary>
internal static class Policies
{
    /// <summary>One container of coreutils.</summary>
    /// <param name="rootHash">Its verified root.</param>
    /// <param name="args">Argument vector in YAML flow form.</param>
    /// <param name="more">Further lines of the container entry, indented by four.</param>
    /// <param name="top">Further top-level lines.</param>
    public static string Plain(string rootHash, string args, string more = "", string top = "") => $$"""
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: plain, version: 1 }
        sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
        containers:
          - name: main
            image: { rootfs: "{{rootHash}}" }
            process:
              args: {{args}}
              env: { PATH: "/usr/bin:/bin" }
              cwd: /
              user: { uid: 0, gid: 0 }
            stdio: { stdin: host, stdout: host, stderr: host }
            signals: [TERM, KILL]
            exit: exact
        {{more}}
        host: { processes: names, stats: exact, errors: detailed, pause: allow }
        attestation: { tees: [sim] }
        {{top}}
        """;
}
