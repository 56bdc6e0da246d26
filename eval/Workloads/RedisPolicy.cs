namespace Pavise.Workloads;

/// <summary>The owner's policy for <see cref="RedisImage"/>.</summary>
public static class RedisPolicy
{
    /// <summary>What the first process is started with.</summary>
    public static IReadOnlyList<string> Args { get; } = ["redis-server", "--save", "", "--dir", "/data"];

    /// <summary>YAML for one redis container with the given verified root.</summary>
    public static string Yaml(string rootHash) => $$"""
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: redis, version: 1 }
        sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
        containers:
          - name: redis
            image: { rootfs: "{{rootHash}}" }
            process:
              args: [redis-server, --save, "", --dir, /data]
              env: { PATH: "/usr/bin:/bin" }
              cwd: /data
              user: { uid: {{RedisImage.Uid}}, gid: {{RedisImage.Uid}} }
            mounts:
              - { path: /data, volume: data }
            exec:
              - { args: [redis-cli, ping], output: host }
              - { args: [redis-cli, set, greeting, hello], output: host }
              - { args: [redis-cli, get, greeting], output: host }
              - { args: [cat, /proc/1/environ], output: host }
              - { args: [cat, /proc/1/status], output: host }
            stdio: { stdin: none, stdout: host, stderr: host }
            signals: [TERM, KILL]
            exit: exact
        volumes:
          data: { kind: memory, size: 64Mi }
        host:
          processes: count
          stats: coarse
          errors: detailed
        attestation:
          tees: [sim]
        """;
}
