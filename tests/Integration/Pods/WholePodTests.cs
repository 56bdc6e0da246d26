using Pavise.Cri.Kubelet;
using Pavise.Cri.Streaming;
using Pavise.Cri.V1;
using Pavise.Integration.Tests.Support;

namespace Pavise.Integration.Tests.Pods;

/// <summary>A pod with everything, in one real pVM: its containers share the guest, its kernel and its volume.</summary>
public sealed class WholePodTests
{
    private const string Init = "cp /etc/app/greeting /shared/greeting", Sidecar = "while true; do cat /shared/greeting; sleep 0.5; done", Main = "read line; echo heard $line; exit 3";

    [Fact]
    public async Task Init_container_sidecar_shared_volume_ConfigMap_terminal_and_restarts_work_in_one_pVM_up_to_the_policys_bounds()
    {
        await using PodNode node = await PodNode.StartAsync("tcg");
        const string volume = "mounts: [{ path: /shared, volume: shared }]";
        await using Pod pod = await node.RunAsync("pavise", $$"""
            initContainers:
              - name: init
                image: {{PodNode.Busybox}}
                command: [sh, -c, {{PodNode.Quote(Init)}}]
                volumeMounts: [{ name: shared, mountPath: /shared }, { name: app, mountPath: /etc/app }]
              - name: sidecar
                restartPolicy: Always
                image: {{PodNode.Busybox}}
                command: [sh, -c, {{PodNode.Quote(Sidecar)}}]
                volumeMounts: [{ name: shared, mountPath: /shared }]
            containers:
              - name: main
                image: {{PodNode.Busybox}}
                command: [sh, -c, {{PodNode.Quote(Main)}}]
                stdin: true
                tty: true
                volumeMounts: [{ name: shared, mountPath: /shared }]
            volumes: [{ name: shared, emptyDir: { medium: Memory } }, { name: app, configMap: { name: app } }]
            """, PodNode.Policy(string.Join('\n',
                node.Entry("init", Init, $"mounts: [{{ path: /shared, volume: shared }}, {{ path: /etc/app, files: {{ greeting: \"{PodNode.Digest("good day\n")}\" }} }}]"),
                node.Entry("sidecar", Sidecar, $"{volume}\nafter: [{{ container: init, state: succeeded }}]"),
                node.Entry("main", Main, $"{volume}\nrestarts: {{ max: 1 }}").Replace("stdin: none", "stdin: host", StringComparison.Ordinal).Replace("cwd: /,", "cwd: /, terminal: true,", StringComparison.Ordinal)),
                "volumes: { shared: { kind: memory, size: 1Mi, mode: \"1777\" } }"),
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: app }
            data: { greeting: "good day\n" }
            """);
        await pod.WaitForLogAsync("sidecar", "good day\ngood day\n");
        for (uint attempt = 0; attempt < 2; attempt++)
        {
            await using RemoteProcess terminal = await pod.AttachAsync("main", stdin: true, terminal: true);
            await terminal.WriteAsync("you\n");
            PodStatus status = await pod.WaitUntilAsync(s => s.Containers["main"].State == ContainerState.ContainerExited);
            Assert.Equal((3, attempt), (status.Containers["main"].ExitCode, status.Restarts("main")));
            // The line's end as the CRI's log has it, whatever a terminal makes of it.
            Assert.EndsWith("heard you\n", await pod.LogsAsync("main"), StringComparison.Ordinal);
            if (attempt == 0)
            {
                await pod.SyncUntilAsync(s => s.Containers["main"].State == ContainerState.ContainerRunning);
            }
        }

        Assert.Contains("does not admit one more restart", (await Assert.ThrowsAsync<PodException>(pod.SyncAsync)).Message, StringComparison.Ordinal);
        Assert.Equal(ContainerState.ContainerRunning, (await pod.ContainerAsync("sidecar")).State);
    }
}
