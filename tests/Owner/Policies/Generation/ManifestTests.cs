using k8s.Models;
using Pavise.Owner.Policies;
using Pavise.Owner.Tests.Support;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Oci;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Owner.Tests.Policies.Generation;

/// <summary>Manifests in the shapes that well-known charts produce: each is generated and admits what a cluster sends for it, or is refused for the reason that its file states.</summary>
public sealed class ManifestTests : IDisposable
{
    private static readonly HashSet<string> Unbuilt = [CreateDecision.Unbuilt];
    private readonly TestImages images = new();
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-manifests-").FullName;

    public static TheoryData<string> All => [.. ManifestFile.Names];

    public static TheoryData<string> Accepted => [.. ManifestFile.Names.Where(n => ManifestFile.Read(n).IsAccepted)];

    public void Dispose()
    {
        images.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void There_are_at_least_thirty_manifests_of_every_kind_of_workload()
    {
        string all = string.Concat(ManifestFile.Names.Select(n => File.ReadAllText(ManifestFile.Read(n).Path)));
        Assert.True(ManifestFile.Names.Count() >= 30);
        Assert.All(["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "List"], kind => Assert.Contains($"kind: {kind}\n", all, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_manifest_is_generated_or_refused_for_the_reason_that_it_states(string name)
    {
        ManifestFile file = ManifestFile.Read(name);
        (int code, string output, string errors) = await PaviseCommand.RunAsync(file.Generate(images));
        Assert.True(code == (file.IsAccepted ? 0 : 1), errors);
        Assert.All(file.Refusals, r => Assert.Contains(r, errors, StringComparison.Ordinal));
        Assert.All(file.Warnings, w => Assert.Contains(w, errors, StringComparison.Ordinal));
        Assert.Equal(file.IsAccepted, output.Length > 0);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task Generating_twice_gives_the_same_bytes_and_they_pass_the_check(string name)
    {
        ManifestFile file = ManifestFile.Read(name);
        string first = Path.Combine(folder, "1.yaml"), second = Path.Combine(folder, "2.yaml");
        await PaviseCommand.RunAsync(file.Generate(images, first));
        await PaviseCommand.RunAsync(file.Generate(images, second));
        Assert.Equal(File.ReadAllText(first), File.ReadAllText(second));
        (int code, _, string errors) = await PaviseCommand.RunAsync("policy", "check", first, "--allow", "placeholder");
        Assert.True(code == 0, errors);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task The_generated_policy_admits_what_a_cluster_sends_and_no_other_program(string name)
    {
        ManifestFile file = ManifestFile.Read(name);
        string path = Path.Combine(folder, "policy.yaml");
        (int code, _, string errors) = await PaviseCommand.RunAsync(file.Generate(images, path));
        Assert.True(code == 0, errors);
        PolicyDocument policy = PolicySourceFile.Read(path);
        Cluster cluster = Cluster.Of(file);
        Assert.Equal(cluster.Containers.Select(c => c.Name), policy.Containers.Select(c => c.Name));
        PolicyState state = PolicyState.Empty with { Bound = true, Attached = policy.Roots };
        foreach (V1Container container in cluster.Containers)
        {
            OciSpec spec = cluster.Spec(container);
            CreateContainer create = new(container.Name, container.Name, spec, policy.Containers.Single(c => c.Name == container.Name).Root);
            Decision decision = PolicyEngine.Decide(policy, state, create, Unbuilt);
            Assert.True(decision.IsPermitted, $"{container.Name}: {decision.Refusal}");
            Assert.Equal(spec.Process.Args, ((Pavise.Policy.Plans.ContainerPlan)decision.Plan!).Process.Args);
            Assert.False(PolicyEngine.Decide(policy, state, create with { Spec = spec with { Process = spec.Process with { Args = spec.Process.Args.Add("--more") } } }, Unbuilt).IsPermitted);
            state = state.After(decision.Plan!);
            state = state with { Containers = state.Containers.SetItem(container.Name, state.Containers[container.Name] with { Status = ContainerStatus.Running, Wanted = [] }) };
            int index = 0;
            foreach (OciProcess exec in cluster.Execs(container))
            {
                Decision ran = PolicyEngine.Decide(policy, state, new ExecProcess(container.Name, $"e{index++}", exec));
                Assert.True(ran.IsPermitted, $"{container.Name}: {ran.Refusal}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task The_environment_of_the_generated_policy_is_the_clusters_but_for_secrets_and_services(string name)
    {
        ManifestFile file = ManifestFile.Read(name);
        string path = Path.Combine(folder, "policy.yaml");
        await PaviseCommand.RunAsync(file.Generate(images, path));
        PolicyDocument policy = PolicySourceFile.Read(path);
        Cluster cluster = Cluster.Of(file);
        foreach (V1Container container in cluster.Containers)
        {
            OciSpec spec = cluster.Spec(container);
            ContainerEntry entry = policy.Containers.Single(c => c.Name == container.Name);
            CreateContainer create = new(container.Name, container.Name, spec, entry.Root);
            PolicyState state = PolicyState.Empty with { Bound = true, Attached = policy.Roots };
            var plan = (Pavise.Policy.Plans.ContainerPlan)PolicyEngine.Decide(policy, state, create, Unbuilt).Plan!;
            HashSet<string> secret = [.. entry.Secrets.Select(s => s.Variable)];
            Assert.Equal(
                spec.Process.Env.Where(e => !secret.Contains(e.Split('=')[0]) && !e.StartsWith("KUBERNETES_", StringComparison.Ordinal)).Append(spec.Process.Env.Any(e => e.StartsWith("PATH=", StringComparison.Ordinal)) ? "" : "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").Where(e => e.Length > 0).Order(StringComparer.Ordinal),
                plan.Process.Env.Where(e => !e.StartsWith("KUBERNETES_", StringComparison.Ordinal)));
            Assert.Equal(spec.Process.AdditionalGids.Where(g => g != plan.Process.Gid).Distinct().Except(plan.Process.AdditionalGids), []);
        }
    }
}
