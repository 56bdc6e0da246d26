using System.IO.Compression;
using System.Text;
using k8s;
using k8s.Models;
using Pavise.Owner.Policies;
using Pavise.Owner.Tests.Policies.Operations;
using Pavise.Owner.Tests.Support;

namespace Pavise.Owner.Tests.Policies.Generation;

public sealed class AnnotateTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-annotate-").FullName;

    public static TheoryData<string> Manifests => [.. ManifestFile.Names.Where(n => n is not "keycloak")];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Manifests))]
    public async Task The_policy_and_the_runtime_class_are_in_the_pod_and_every_other_line_is_as_it_was(string name)
    {
        string path = ManifestFile.Read(name).Path, policy = Samples.Write(folder, Samples.Yaml), before = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        (int code, string after, string errors) = await PaviseCommand.RunAsync("policy", "annotate", policy, path);
        Assert.True(code == 0, errors);
        (V1ObjectMeta metadata, V1PodSpec spec) = KubernetesYaml.LoadAllFromString(after).Select(Pod).First(p => p.Spec is not null);
        Assert.Equal("pavise", spec.RuntimeClassName);
        using GZipStream gzip = new(new MemoryStream(Convert.FromBase64String(metadata.Annotations["dev.pavise.policy"])), CompressionMode.Decompress);
        using StreamReader reader = new(gzip);
        Assert.Equal(Encoding.UTF8.GetString(PolicySourceFile.Read(policy).CanonicalBytes.Span), await reader.ReadToEndAsync(TestContext.Current.CancellationToken));

        // Lines that went in hold what was written; without it the file is what it was, but for spaces within braces.
        string stripped = after.Replace($"dev.pavise.policy: {metadata.Annotations["dev.pavise.policy"]}", "", StringComparison.Ordinal).Replace("runtimeClassName: pavise", "", StringComparison.Ordinal);
        string Letters(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c) && c is not ('{' or '}' or ','))).Replace("metadata:annotations:", "", StringComparison.Ordinal).Replace("annotations:", "", StringComparison.Ordinal).Replace("metadata:", "", StringComparison.Ordinal);
        Assert.Equal(Letters(before), Letters(stripped));
        Assert.InRange(after.Split('\n').Length - before.Split('\n').Length, 0, 4);
    }

    [Theory]
    [InlineData("kind: Pod\nmetadata:\n  name: x\nspec:\n  runtimeClassName: runc\n  containers:\n  - name: a\n    image: i\n")]
    [InlineData("kind: Pod\nmetadata:\n  name: x\n  annotations:\n    dev.pavise.policy: \"old\"\n    other: 'kept'   # said\nspec:\n  containers: [{name: a, image: i}]\n")]
    [InlineData("kind: Pod\r\nmetadata:\r\n  name: x\r\nspec:\r\n  containers:\r\n    - {name: a, image: i}\r\n")]
    [InlineData("{\"kind\": \"Pod\", \"metadata\": {\"name\": \"x\"}, \"spec\": {\"containers\": [{\"name\": \"a\", \"image\": \"i\"}]}}")]
    [InlineData("kind: Pod\nmetadata: {name: x, annotations: {}}\nspec: {containers: [{name: a, image: i}]}")]
    public async Task An_older_policy_is_replaced_and_annotating_twice_changes_nothing(string yaml)
    {
        string file = Path.Combine(folder, "pod.yaml"), policy = Samples.Write(folder, Samples.Yaml);
        await File.WriteAllTextAsync(file, yaml, TestContext.Current.CancellationToken);
        (int code, _, string errors) = await PaviseCommand.RunAsync("policy", "annotate", policy, file, "-i");
        Assert.True(code == 0, errors);
        string once = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        await PaviseCommand.RunAsync("policy", "annotate", policy, file, "-i");
        Assert.Equal(once, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.DoesNotContain("old\"", once, StringComparison.Ordinal);
        Assert.Equal(yaml.Contains("# said", StringComparison.Ordinal), once.Contains("other: 'kept'   # said", StringComparison.Ordinal));
        Assert.Equal("pavise", Assert.IsType<V1Pod>(KubernetesYaml.LoadAllFromString($"apiVersion: v1\n{once}".Replace("apiVersion: v1\n{", "{\"apiVersion\":\"v1\",", StringComparison.Ordinal)).Single()).Spec.RuntimeClassName);
    }

    private static (V1ObjectMeta Metadata, V1PodSpec Spec) Pod(object o) => o switch
    {
        V1Pod p => (p.Metadata, p.Spec),
        V1Deployment d => (d.Spec.Template.Metadata, d.Spec.Template.Spec),
        V1StatefulSet s => (s.Spec.Template.Metadata, s.Spec.Template.Spec),
        V1DaemonSet s => (s.Spec.Template.Metadata, s.Spec.Template.Spec),
        V1ReplicaSet s => (s.Spec.Template.Metadata, s.Spec.Template.Spec),
        V1Job j => (j.Spec.Template.Metadata, j.Spec.Template.Spec),
        V1CronJob c => (c.Spec.JobTemplate.Spec.Template.Metadata, c.Spec.JobTemplate.Spec.Template.Spec),
        _ => (null!, null!),
    };
}
