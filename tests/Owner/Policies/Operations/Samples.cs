using Pavise.Owner.Policies;
using Pavise.Policy.Model;

namespace Pavise.Owner.Tests.Policies.Operations;

/// <summary>A policy that uses most of the language.</summary>
internal static class Samples
{
    public const string Yaml = """
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: sample, version: 1 }
        sandbox: { hostname: { from: host, matches: "web-[0-9]+" }, memory: 256Mi, cpus: 1 }
        containers:
          - name: init
            image: { rootfs: "verity-sha256:2222222222222222222222222222222222222222222222222222222222222222" }
            process: { args: [init], user: { uid: 1, gid: 1 } }
            signals: [KILL]
            exit: success
          - name: main
            image: { rootfs: "verity-sha256:1111111111111111111111111111111111111111111111111111111111111111" }
            restarts: { max: 2 }
            after: [{ container: init, state: succeeded }]
            process:
              args: [server, { matches: "--port=[0-9]+" }]
              env: { PATH: /usr/bin, POD_IP: { from: host, matches: "[0-9.]+", required: true } }
              cwd: /data
              user: { uid: 999, gid: 999 }
            mounts:
              - { path: /data, volume: data }
              - { path: /etc/app, files: { app.conf: "sha256:3333333333333333333333333333333333333333333333333333333333333333" } }
              - { path: /etc/one, from: host, digest: "sha256:4444444444444444444444444444444444444444444444444444444444444444" }
              - { path: /etc/hosts, from: host }
            exec:
              - { args: [ping], output: exit-code }
              - { args: [shell], output: host, stdin: host, terminal: true }
            stdio: { stdin: none, stdout: host, stderr: none }
            signals: [TERM, KILL]
            exit: exact
            resources: { memory: 128Mi, cpus: 0.5, pids: 64 }
        volumes:
          data: { kind: memory, size: 16Mi }
        host: { stats: coarse, processes: names, pause: allow, resize: { maxMemory: 128Mi }, errors: detailed }
        attestation: { tees: [snp, sim] }
        """;

    public static PolicyDocument Wide() => Parse(Yaml);

    public static PolicyDocument Parse(string yaml) => PolicySourceFile.Parse("sample", yaml);

    public static string Write(string folder, string yaml)
    {
        string path = Path.Combine(folder, $"{Guid.NewGuid():N}.yaml");
        File.WriteAllText(path, yaml);
        return path;
    }
}
