using System.Globalization;
using Pavise.Workloads;

namespace Pavise.Eval.Network;

/// <summary>What is asked of redis, and by which policy it runs.</summary>
internal static class Redis
{
    /// <summary>What the first process is started with.</summary>
    public static IReadOnlyList<string> Args { get; } = ["redis-server", "--save", "", "--dir", "/data", "--protected-mode", "no"];

    /// <summary>The policy for a root.</summary>
    public static string Policy(string rootHash) => $$"""
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: redis, version: 1 }
        sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
        containers:
          - name: redis
            image: { rootfs: "{{rootHash}}" }
            process:
              args: [redis-server, --save, "", --dir, /data, --protected-mode, "no"]
              env: { PATH: "/usr/bin:/bin" }
              cwd: /data
              user: { uid: {{RedisImage.Uid}}, gid: {{RedisImage.Uid}} }
            mounts: [{ path: /data, volume: data }]
            signals: [TERM, KILL]
        volumes: { data: { kind: memory, size: 64Mi } }
        network: { ingress: [{ port: 6379 }] }
        host: { errors: detailed }
        attestation: { tees: [sim] }
        """;

    /// <summary>redis-benchmark with 50 clients: requests in a second, by test.</summary>
    public static async Task<Dictionary<string, double>> BenchmarkAsync(string address, int pipeline, int requests)
    {
        string output = (await Command.RunAsync("redis-benchmark", ["-h", address, "-t", "set,get", "-c", "50", "-P", $"{pipeline}", "-n", $"{requests}", "--csv"], TimeSpan.FromMinutes(5))).OrThrow("redis-benchmark").Output;
        return output.Split('\n').Select(l => l.Split(',')).Where(w => w.Length > 1 && double.TryParse(w[1].Trim('"'), CultureInfo.InvariantCulture, out _))
            .ToDictionary(w => w[0].Trim('"'), w => double.Parse(w[1].Trim('"'), CultureInfo.InvariantCulture));
    }
}
