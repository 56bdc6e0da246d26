using Pavise.Cri.Kubelet;
using Pavise.Integration.Tests.Support;

namespace Pavise.Integration.Tests.Pods;

/// <summary>What Kubernetes brings into a container: ConfigMaps, Secrets, projections, the downward API, hosts, name servers.</summary>
public sealed class VolumeTests(ProcessPodNode shared) : IClassFixture<ProcessPodNode>
{
    private const string Configuration = "port 6379\nsave \"\"\n", Password = "correct horse";

    private const string Objects = $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: app }
        data: { app.conf: "port 6379\nsave \"\"\n", other: "x" }
        ---
        apiVersion: v1
        kind: Secret
        metadata: { name: login }
        stringData: { password: {{Password}} }
        """;

    private readonly PodNode node = shared.Node;

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task ConfigMap_Secret_projected_and_downward_volumes_hold_what_the_cluster_says(string runtime)
    {
        const string script = "cat /etc/app/app.conf /etc/login/password /etc/all/in/app.conf /etc/all/labels /etc/sub.conf; echo; echo end; exec sleep 1000";
        await using Pod pod = await node.RunAsync(runtime, $$"""
            containers:
              - name: main
                image: {{PodNode.Busybox}}
                command: [sh, -c, {{PodNode.Quote(script)}}]
                volumeMounts:
                  - { name: app, mountPath: /etc/app }
                  - { name: login, mountPath: /etc/login, readOnly: true }
                  - { name: all, mountPath: /etc/all }
                  - { name: app, mountPath: /etc/sub.conf, subPath: app.conf }
            volumes:
              - { name: app, configMap: { name: app } }
              - { name: login, secret: { secretName: login } }
              - name: all
                projected:
                  sources:
                    - configMap: { name: app, items: [{ key: app.conf, path: in/app.conf }] }
                    - downwardAPI: { items: [{ path: labels, fieldRef: { fieldPath: metadata.labels } }] }
            """, PodNode.Policy(node.Entry("main", script, $$"""
                mounts:
                  - { path: /etc/app, files: { app.conf: "{{PodNode.Digest(Configuration)}}" } }
                  - { path: /etc/login, files: { password: "{{PodNode.Digest(Password)}}" } }
                  - { path: /etc/all/in, files: { app.conf: "{{PodNode.Digest(Configuration)}}" } }
                  - { path: /etc/all/labels, from: host }
                  - { path: /etc/sub.conf, from: host }
                """)), Objects);
        await pod.WaitForLogAsync("main", "\nend\n");
        Assert.Equal($"{Configuration}{Password}{Configuration}app=\"test\"{Configuration}\nend\n", await pod.LogsAsync("main"));
    }

    [Theory]
    [MemberData(nameof(Runtimes.All), MemberType = typeof(Runtimes))]
    public async Task Hosts_resolv_conf_and_the_environment_come_from_the_cluster(string runtime)
    {
        const string script = "grep -q pod /etc/hosts && cat /etc/resolv.conf; echo ip=$POD_IP of=$POD_NAME limit=$LIMIT all=$ALL in=$(hostname); exec sleep 1000";
        await using Pod pod = await node.RunAsync(runtime, $$"""
            containers:
              - name: main
                image: {{PodNode.Busybox}}
                command: [sh, -c, {{PodNode.Quote(script)}}]
                resources: { limits: { memory: 64Mi } }
                env:
                  - { name: POD_IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
                  - { name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
                  - { name: LIMIT, valueFrom: { resourceFieldRef: { resource: limits.memory, divisor: 1Mi } } }
                  - { name: ALL, value: "$(POD_NAME)/$(other)" }
                envFrom: [{ configMapRef: { name: app, optional: true } }]
            """, PodNode.Policy(node.Entry("main", script, """
                mounts: [{ path: /etc/hosts, from: host }, { path: /etc/resolv.conf, from: host }]
                resources: { memory: 64Mi }
                """).Replace("env: { PATH: \"/bin\" }",
                    """env: { PATH: "/bin", POD_IP: { from: host, matches: "[0-9.]+" }, POD_NAME: { from: host, matches: "[a-z]+" }, LIMIT: { from: host, matches: "[0-9]+" }, ALL: { from: host, matches: "[a-z/]+" } }""", StringComparison.Ordinal)), Objects);
        await pod.WaitForLogAsync("main", "in=pod\n");
        string log = await pod.LogsAsync("main");
        Assert.Contains($"nameserver {NodeFacts.NameServer}\n", log, StringComparison.Ordinal);
        Assert.Matches(@"\nip=10\.[0-9.]+ of=pod limit=64 all=pod/x in=pod\n$", log);
    }

    [Fact]
    public async Task Volumes_have_kubelets_shapes()
    {
        await using Pod pod = await node.RunAsync("runc", $$"""
            containers:
              - name: main
                image: {{PodNode.Busybox}}
                command: [sh, -c, "echo last words > /dev/termination-log; exec sleep 1000"]
                volumeMounts: [{ name: login, mountPath: /etc/login }]
            volumes: [{ name: login, secret: { secretName: login, defaultMode: 256 } }]
            """, null, Objects);
        ExecResult listing = await pod.ExecAsync("main", "sh", "-c", "readlink /etc/login/password; readlink /etc/login/..data | cut -c 1-4; stat -Lc %a /etc/login/password; touch /etc/login/new");
        Assert.Equal("..data/password\n..20\n400\n", listing.Output);
        Assert.Contains("Read-only file system", listing.Error, StringComparison.Ordinal);
        Assert.Equal("last words\n", await pod.TerminationMessageAsync("main"));
    }
}
