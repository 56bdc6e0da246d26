using Pavise.Cri.Kubelet;
using Pavise.Integration.Tests.Support;

namespace Pavise.Integration.Tests.Pods;

/// <summary>An encrypted volume where Kubernetes mounts a folder, as hostPath and claims with a file system do: what a pod wrote the next one reads, and the node does not.</summary>
public sealed class EncryptedVolumeTests
{
    private const string Key = "kbs:///pod/keys/data";
    private const string Script = "cat /data/notes 2>/dev/null; echo canary-pod-88d1 >> /data/notes; sync; echo written; exec sleep 1000";

    [Fact]
    public async Task What_a_pod_wrote_the_next_one_reads_and_the_node_does_not()
    {
        await using PodNode node = await PodNode.StartAsync("tcg");
        await using KeyBroker broker = await KeyBroker.StartAsync();
        DirectoryInfo claim = Directory.CreateTempSubdirectory("pavise-claim-");
        string policy = PodNode.Policy(node.Entry("main", Script, """
            mounts: [{ path: /data, volume: data }]
            restarts: { max: 3 }
            """), $$"""
            volumes: { data: { kind: encrypted, size: 64Mi, key: "{{Key}}", freshness: broker } }
            """).Replace("attestation: { tees: [sim] }", $"{broker.PolicyLines.TrimEnd()}\n  tees: [sim]", StringComparison.Ordinal);
        string file = Path.Combine(claim.FullName, "policy.yaml");
        await File.WriteAllTextAsync(file, policy);
        await broker.PutAsync(Key, new string('k', 40), file, "--instances", "1");
        string spec = $$"""
            containers:
              - name: main
                image: {{PodNode.Busybox}}
                command: [sh, -c, {{PodNode.Quote(Script)}}]
                volumeMounts: [{ name: data, mountPath: /data }]
            volumes: [{ name: data, hostPath: { path: {{claim.FullName}}, type: Directory } }]
            """;
        await using (Pod first = await node.RunAsync("pavise", spec, policy))
        {
            await first.WaitForLogAsync("main", "written");
            await first.RemoveAsync();
        }

        await using (Pod second = await node.RunAsync("pavise", spec, policy))
        {
            await second.WaitForLogAsync("main", "written");
            Assert.Equal("canary-pod-88d1\nwritten\n", await second.LogsAsync("main"));
            await second.RemoveAsync();
        }

        byte[] image = await File.ReadAllBytesAsync(VolumeNode.ImageIn(claim.FullName));
        Assert.DoesNotContain("canary-", System.Text.Encoding.Latin1.GetString(image), StringComparison.Ordinal);
        claim.Delete(recursive: true);
    }
}
