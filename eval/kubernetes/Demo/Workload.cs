namespace Pavise.Eval.Kubernetes;

/// <summary>redis as a Deployment, and the two versions of its owner's policy.</summary>
internal static class Workload
{
    /// <summary>The Deployment's name and label.</summary>
    public const string Name = "redis";

    /// <summary>Selects its pods.</summary>
    public const string Label = "app=" + Name;

    /// <summary>The policy: version 1 tells the host why it refuses, version 2 only that it does; each permits one command that the other does not.</summary>
    public static string Policy(string rootHash, int version) => $$"""
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: redis, version: {{version}} }
        sandbox: { hostname: any, memory: 512Mi, cpus: 1 }
        containers:
          - name: redis
            image: { rootfs: "{{rootHash}}" }
            restarts: { max: 3 }
            process:
              args: [redis-server, --save, "", --dir, /data]
              env: { PATH: "/usr/bin:/bin" }
              cwd: /data
              user: { uid: 999, gid: 999 }
            mounts:
              - { path: /data, volume: data }
            exec:
              - { args: [redis-cli, ping], output: host }
              - { args: [redis-cli, set, greeting, {matches: "[a-z]+"}], output: host }
              - { args: [redis-cli, get, greeting], output: host }
              - { args: [redis-cli, shutdown, nosave], output: host }
              - { args: [redis-cli, {{(version == 1 ? "dbsize" : "lastsave")}}], output: host }
            stdio: { stdin: none, stdout: host, stderr: host }
            signals: [TERM, KILL]
            exit: exact
        volumes:
          data: { kind: memory, size: 64Mi }
        host:
          processes: count
          stats: coarse
          errors: {{(version == 1 ? "detailed" : "redacted")}}
        attestation:
          tees: [sim]
        """;

    /// <summary>The Deployment under a policy.</summary>
    public static string Deployment(string annotation, int replicas) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: {{Name}} }
        spec:
          replicas: {{replicas}}
          selector: { matchLabels: { app: {{Name}} } }
          strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
          template:
            metadata:
              labels: { app: {{Name}} }
              annotations: { dev.pavise.policy: "{{annotation}}" }
            spec:
              runtimeClassName: pavise
              terminationGracePeriodSeconds: 10
              automountServiceAccountToken: false
              dnsPolicy: Default
              enableServiceLinks: false
              containers:
                - name: redis
                  image: {{ClusterImages.Redis}}
                  imagePullPolicy: Never
                  readinessProbe:
                    exec: { command: [redis-cli, ping] }
                    periodSeconds: 2
                    timeoutSeconds: 5
                  livenessProbe:
                    exec: { command: [redis-cli, ping] }
                    periodSeconds: 5
                    timeoutSeconds: 5
                    failureThreshold: 6
        """;

    /// <summary>A pod that asks for a command the policy does not have.</summary>
    public static string Intruder(string annotation) => $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: intruder
          annotations: { dev.pavise.policy: "{{annotation}}" }
        spec:
          runtimeClassName: pavise
          restartPolicy: Never
          automountServiceAccountToken: false
          dnsPolicy: Default
          terminationGracePeriodSeconds: 1
          containers:
            - { name: redis, image: {{ClusterImages.Redis}}, imagePullPolicy: Never, command: [redis-server, --protected-mode, "no"] }
        """;

    /// <summary>A plain pod under runc: shows that the cluster itself works.</summary>
    public static string Plain => $$"""
        apiVersion: v1
        kind: Pod
        metadata: { name: plain }
        spec:
          automountServiceAccountToken: false
          dnsPolicy: Default
          terminationGracePeriodSeconds: 1
          containers:
            - name: main
              image: {{ClusterImages.Busybox}}
              imagePullPolicy: Never
              command: [sh, -c, "echo hello from runc; sleep 1000"]
              readinessProbe: { exec: { command: ["true"] }, periodSeconds: 1 }
        """;
}
