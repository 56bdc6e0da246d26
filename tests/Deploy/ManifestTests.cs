using k8s.Models;
using YamlDotNet.RepresentationModel;

namespace Pavise.Deploy.Tests;

public sealed class ManifestTests
{
    public static TheoryData<string> Files => [.. Manifests.Files];

    public static TheoryData<string> Kustomizations => [.. Manifests.Kustomizations];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_manifest_has_only_fields_that_Kubernetes_knows(string file) => Assert.NotEmpty(Manifests.Read(file));

    [Fact]
    public void An_unknown_field_is_found() => Assert.ThrowsAny<Exception>(() => Manifests.Parse("apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec: { contaners: [] }\n"));

    [Theory]
    [MemberData(nameof(Kustomizations))]
    public async Task Kustomize_builds_it_and_the_result_has_only_fields_that_Kubernetes_knows(string folder) => Assert.NotEmpty(await Manifests.BuildAsync(folder));

    [Fact]
    public void Every_manifest_is_used_by_its_kustomization()
    {
        List<string> orphans = [];
        foreach (string folder in Manifests.Kustomizations)
        {
            YamlStream yaml = [];
            yaml.Load(new StringReader(File.ReadAllText(Path.Combine(Manifests.Folder, folder, "kustomization.yaml"))));
            string[] named = [.. yaml.Documents[0].AllNodes.OfType<YamlScalarNode>().Select(n => n.Value!)];
            orphans.AddRange(Manifests.Files.Where(f => Path.GetDirectoryName(f) == folder && !named.Contains(Path.GetFileName(f))));
        }

        Assert.Empty(orphans);
    }

    [Fact]
    public async Task Every_overlay_installs_for_its_machine()
    {
        foreach (string overlay in Manifests.Kustomizations.Where(k => k.StartsWith("overlays", StringComparison.Ordinal)))
        {
            List<object> built = await Manifests.BuildAsync(overlay);
            V1Container install = built.OfType<V1DaemonSet>().Single().Spec.Template.Spec.InitContainers.Single();
            string name = Path.GetFileName(overlay);
            Assert.Equal(name == "k3s" ? "auto" : name, install.Env.Single(e => e.Name == "PAVISE_MACHINE").Value);
            Assert.Equal(name == "k3s" ? "k3s" : "auto", install.Env.Single(e => e.Name == "PAVISE_DISTRIBUTION").Value);
            Assert.Equal(name is "tcg" or "kvm" ? "development" : "production", install.Env.Single(e => e.Name == "PAVISE_FLAVOUR").Value);
            V1RuntimeClass runtimeClass = Assert.Single(built.OfType<V1RuntimeClass>());
            Assert.Equal(name == "tcg" ? "384Mi" : "256Mi", runtimeClass.Overhead.PodFixed["memory"].ToString());
            Assert.Equal("100m", runtimeClass.Overhead.PodFixed["cpu"].ToString());
            Assert.Single(built.OfType<V1Namespace>());
        }
    }
}
