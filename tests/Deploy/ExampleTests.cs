using System.IO.Compression;
using k8s.Models;
using Pavise.Owner.Policies;
using Pavise.Policy.Model;

namespace Pavise.Deploy.Tests;

public sealed class ExampleTests
{
    private static PolicyDocument Policy => PolicySourceFile.Read(Path.Combine(Manifests.Folder, "examples/redis/policy.yaml"));

    private static (V1ObjectMeta Meta, V1PodSpec Spec)[] Pods =>
    [
        (Manifests.One<V1Pod>("examples/redis/pod.yaml").Metadata, Manifests.One<V1Pod>("examples/redis/pod.yaml").Spec),
        (Manifests.One<V1Deployment>("examples/redis/deployment.yaml").Spec.Template.Metadata, Manifests.One<V1Deployment>("examples/redis/deployment.yaml").Spec.Template.Spec),
    ];

    [Fact]
    public void The_annotations_are_the_policy_beside_them()
    {
        foreach ((V1ObjectMeta meta, _) in Pods)
        {
            using GZipStream zip = new(new MemoryStream(Convert.FromBase64String(meta.Annotations["dev.pavise.policy"])), CompressionMode.Decompress);
            using MemoryStream plain = new();
            zip.CopyTo(plain);
            Assert.Equal(Policy.CanonicalBytes.ToArray(), plain.ToArray());
        }
    }

    [Fact]
    public void They_name_the_runtime_class_and_carry_no_token()
    {
        foreach ((_, V1PodSpec spec) in Pods)
        {
            Assert.Equal(Manifests.One<V1RuntimeClass>("base/runtime-class.yaml").Metadata.Name, spec.RuntimeClassName);
            Assert.False(spec.AutomountServiceAccountToken);
        }
    }

    [Fact]
    public void The_policy_permits_their_probes()
    {
        string policy = File.ReadAllText(Path.Combine(Manifests.Folder, "examples/redis/policy.yaml"));
        foreach (V1Probe probe in Pods.SelectMany(p => p.Spec.Containers).SelectMany(c => new[] { c.ReadinessProbe, c.LivenessProbe }).OfType<V1Probe>())
        {
            Assert.Contains($"args: [{string.Join(", ", probe.Exec.Command)}]", policy, StringComparison.Ordinal);
        }
    }
}
