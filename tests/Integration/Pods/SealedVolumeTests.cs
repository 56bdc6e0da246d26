using Pavise.Cri.Kubelet;
using Pavise.Integration.Tests.Support;

namespace Pavise.Integration.Tests.Pods;

/// <summary>A Kubernetes Secret whose values only the guest can read, as a volume and as variables.</summary>
public sealed class SealedVolumeTests(ProcessPodNode shared) : IClassFixture<ProcessPodNode>
{
    private const string Key = "kbs:///shop/keys/seal", Canary = "canary-variable-4", FileCanary = "canary-volume-9";
    private const string Script = "echo $PASSWORD; cat /etc/login/token; echo; echo end; exec sleep 1000";

    private readonly PodNode node = shared.Node;

    [Fact]
    public async Task A_Secret_with_sealed_values_is_opened_in_the_guest_as_variable_and_volume()
    {
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string policy, string file) = await PolicyAsync(broker);
        try
        {
            string password = await SealAsync(broker, file, Canary, "--env", "PASSWORD"), token = await SealAsync(broker, file, FileCanary, "--file", "/etc/login/token");
            await using Pod pod = await node.RunAsync("pavise", Spec, policy, Secret(password, token));
            await pod.WaitForLogAsync("main", "\nend\n");
            Assert.Equal($"{Canary}\n{FileCanary}\nend\n", await pod.LogsAsync("main"));
            ExecResult exec = await pod.ExecAsync("main", "sh", "-c", "echo $PASSWORD");
            Assert.Equal($"{Canary}\n", exec.Output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_Secret_whose_values_were_swapped_starts_no_container()
    {
        await using KeyBroker broker = await KeyBroker.StartAsync();
        (string policy, string file) = await PolicyAsync(broker);
        try
        {
            string password = await SealAsync(broker, file, Canary, "--env", "PASSWORD"), token = await SealAsync(broker, file, FileCanary, "--file", "/etc/login/token");
            PodException refused = await Assert.ThrowsAsync<PodException>(() => node.RunAsync("pavise", Spec, policy, Secret(token, password)));
            Assert.Contains("sealed for another place", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Spec => $$"""
        containers:
          - name: main
            image: {{PodNode.Busybox}}
            command: [sh, -c, {{PodNode.Quote(Script)}}]
            env:
              - { name: PASSWORD, valueFrom: { secretKeyRef: { name: login, key: password } } }
            volumeMounts:
              - { name: login, mountPath: /etc/login, readOnly: true }
        volumes:
          - { name: login, secret: { secretName: login } }
        """;

    private static string Secret(string password, string token) => $$"""
        apiVersion: v1
        kind: Secret
        metadata: { name: login }
        stringData: { password: "{{password}}", token: "{{token}}" }
        """;

    private async Task<(string Policy, string File)> PolicyAsync(KeyBroker broker)
    {
        string policy = PodNode.Policy(
            node.Entry("main", Script, $$"""
                mounts: [{ path: /etc/login/token, from: host, required: true, sealed: ["{{Key}}"] }]
                exec: [{ args: [sh, -c, "echo $PASSWORD"], output: host }]
                """).Replace("env: { PATH: \"/bin\" }", $$"""env: { PATH: "/bin", PASSWORD: { from: host, required: true, sealed: ["{{Key}}"] } }""", StringComparison.Ordinal),
            $"owners: [{await broker.OwnerLineAsync("seal")}]").Replace("attestation: { tees: [sim] }", $"{broker.PolicyLines.TrimEnd()}\n  tees: [sim]", StringComparison.Ordinal);
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, policy);
        (await broker.OwnerAsync("kb", "put", Key, "--random", "32")).OrThrow("pavise kb put");
        (await broker.OwnerAsync("kb", "allow", Key, "--policy", file, "--any-measurement", "--tee", "sim")).OrThrow("pavise kb allow");
        return (policy, file);
    }

    private static async Task<string> SealAsync(KeyBroker broker, string policy, string value, params string[] place)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, value);
            return (await broker.OwnerAsync(["secret", "seal", policy, file, .. place])).OrThrow("pavise secret seal").Output.Trim();
        }
        finally
        {
            File.Delete(file);
        }
    }
}
