using Pavise.Workloads;

namespace Pavise.Quickstart;

/// <summary>The walkthrough's workload: a redis-server that starts with a configuration which only the key broker has.</summary>
internal static class RedisWithSecret
{
    /// <summary>What redis-server reads as its configuration: <c>requirepass</c>.</summary>
    public const string Configuration = "kbs:///redis/secrets/configuration";

    /// <summary>What redis-cli takes from its environment.</summary>
    public const string Password = "kbs:///redis/secrets/password";

    /// <summary>What the first process is started with.</summary>
    public static IReadOnlyList<string> Args { get; } = ["redis-server", "/run/secrets/redis.conf", "--save", "", "--dir", "/data"];

    /// <summary>The owner's policy.</summary>
    /// <param name="rootHash">The verified root.</param>
    /// <param name="attestation">The lines that name the key broker, as <c>pavise kb init</c> prints them.</param>
    public static string Policy(string rootHash, string attestation) => $$"""
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: redis, version: 1 }
        sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
        containers:
          - name: redis
            image: { rootfs: "{{rootHash}}" }
            process:
              args: [redis-server, /run/secrets/redis.conf, --save, "", --dir, /data]
              env: { PATH: "/usr/bin:/bin" }
              cwd: /data
              user: { uid: {{RedisImage.Uid}}, gid: {{RedisImage.Uid}} }
            mounts:
              - { path: /data, volume: data }
            exec:
              - { args: [redis-cli, ping], output: host }
              - { args: [env, -u, REDISCLI_AUTH, redis-cli, ping], output: host }
              - { args: [redis-cli, set, greeting, hello], output: host }
              - { args: [redis-cli, get, greeting], output: host }
              # Names only: the values are nothing for the host.
              - { args: [cut, -z, -d=, -f1, /proc/1/environ], output: host }
              - { args: [cat, /proc/1/status], output: host }
            stdio: { stdin: none, stdout: host, stderr: host }
            signals: [TERM, KILL]
            exit: exact
        volumes:
          data: { kind: memory, size: 64Mi }
        secrets:
          - { resource: "{{Configuration}}", to: { container: redis, file: /run/secrets/redis.conf, mode: "0400" } }
          - { resource: "{{Password}}", to: { container: redis, env: REDISCLI_AUTH } }
        host:
          processes: count
          stats: coarse
          errors: detailed
        {{attestation.TrimEnd()}}
          tees: [sim]
        """;
}
