using System.Text;
using CsCheck;
using Pavise.Host.Installation;

namespace Pavise.Host.Tests.Installation;

public sealed class ConfigurationMergeTests
{
    private const string Debian = "version = 2\n\n[plugins]\n  [plugins.\"io.containerd.grpc.v1.cri\"]\n    [plugins.\"io.containerd.grpc.v1.cri\".cni]\n      bin_dir = \"/usr/lib/cni\"\n      conf_dir = \"/etc/cni/net.d\"\n";

    [Fact]
    public void Every_byte_of_any_configuration_is_kept_and_its_meaning_grows_by_the_runtime_alone() => RandomToml.File.Sample(file =>
    {
        byte[] after = ConfigurationMerge.Add(file, "f");
        Assert.Equal(file, after[..file.Length]);
        ContainerdToml before = ContainerdToml.Parse(file, "f"), merged = ContainerdToml.Parse(after, "f");
        string plugin = before.Version == 3 ? "io.containerd.cri.v1.runtime" : "io.containerd.grpc.v1.cri";
        Assert.True(merged.Has("plugins", plugin, "containerd", "runtimes", "pavise", "runtime_type"));
        Assert.Empty(before.Values().Except(merged.Values()));
        Assert.All(merged.Values().Except(before.Values()), v => Assert.StartsWith($"\0plugins\0{plugin}\0containerd\0runtimes\0pavise\0", v));
    });

    [Fact]
    public void Adding_twice_is_adding_once() => RandomToml.File.Sample(file =>
    {
        byte[] once = ConfigurationMerge.Add(file, "f");
        Assert.Equal(once, ConfigurationMerge.Add(once, "f"));
    });

    [Fact]
    public void Removing_gives_back_the_bytes_from_before() => RandomToml.File.Sample(file =>
        Assert.Equal(file, ConfigurationMerge.Remove(ConfigurationMerge.Add(file, "f"), "f")));

    [Fact]
    public void Removing_where_nothing_was_added_changes_nothing() => RandomToml.File.Sample(file => Assert.Equal(file, ConfigurationMerge.Remove(file, "f")));

    [Fact]
    public void What_somebody_wrote_after_the_runtime_stays() => Gen.Select(RandomToml.File, Gen.OneOf("[proxy_plugins.x]\n  type = \"snapshot\"\n", "# mine", "\n")).Sample((file, addition) =>
    {
        byte[] more = Encoding.UTF8.GetBytes(addition);
        byte[] edited = [.. ConfigurationMerge.Add(file, "f"), .. more];
        Assert.Equal(edited, ConfigurationMerge.Add(edited, "f"));
        byte[] removed = ConfigurationMerge.Remove(edited, "f");
        Assert.EndsWith(addition, Encoding.UTF8.GetString(removed), StringComparison.Ordinal);
        Assert.Equal(file, removed[..file.Length]);
    });

    [Fact]
    public void Any_bytes_are_added_to_or_refused_and_nothing_else() => Gen.OneOf(Gen.Byte.Array[0, 200], Gen.Select(RandomToml.File, Gen.Int[0, 400], Gen.Byte, (f, at, b) =>
    {
        byte[] damaged = [.. f];
        damaged[at % f.Length] = b;
        return damaged;
    })).Sample(file =>
    {
        try
        {
            byte[] after = ConfigurationMerge.Add(file, "f");
            Assert.Equal(file, ConfigurationMerge.Remove(after, "f"));
        }
        catch (HostException)
        {
            // Refused.
        }
    });

    [Theory]
    [InlineData(2, "io.containerd.grpc.v1.cri")]
    [InlineData(3, "io.containerd.cri.v1.runtime")]
    public void The_runtime_gets_the_policy_annotation_of_pods_and_containers(int version, string plugin) => Assert.Equal(
        $"""
        version = {version}
        # pavise: begin. Written by pavise-runtime install, removed by pavise-runtime uninstall.
        [plugins."{plugin}".containerd.runtimes.pavise]
          runtime_type = "io.containerd.pavise.v2"
          pod_annotations = ["dev.pavise.*"]
          container_annotations = ["dev.pavise.*"]
        # pavise: end.

        """,
        Encoding.UTF8.GetString(ConfigurationMerge.Add(Encoding.UTF8.GetBytes($"version = {version}\n"), "f")));

    [Fact]
    public void A_block_of_another_version_is_replaced()
    {
        string old = Encoding.UTF8.GetString(ConfigurationMerge.Add("version = 2\n"u8, "f"));
        string after = Encoding.UTF8.GetString(ConfigurationMerge.Add(Encoding.UTF8.GetBytes(old.Replace("version = 2", "version = 3", StringComparison.Ordinal)), "f"));
        Assert.DoesNotContain("io.containerd.grpc.v1.cri", after, StringComparison.Ordinal);
        Assert.Contains("io.containerd.cri.v1.runtime", after, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root = \"/x\"\n", "containerd config migrate")]
    [InlineData("", "write \"version = 2\" into it")]
    [InlineData("disabled_plugins = [\"cri\"]\nversion = 2\n", "switches the CRI plugin off")]
    [InlineData("disabled_plugins = [\"io.containerd.grpc.v1.cri\"]\nversion = 2\n", "switches the CRI plugin off")]
    [InlineData("version = 9\n", "is of version 9")]
    [InlineData("version = \"2\"\n", "2 and 3 are known")]
    [InlineData("version = 2\n[a\n", "is not TOML")]
    [InlineData("version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.pavise]\nruntime_type = \"x\"\n", "has a runtime pavise already")]
    [InlineData("version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd]\nruntimes = { runc = { runtime_type = \"x\" } }\n", "inline table")]
    [InlineData("version = 2\n# pavise: begin. Written by pavise-runtime install, removed by pavise-runtime uninstall.\n[a]\n", "not the last one")]
    public void What_cannot_be_added_to_is_refused_with_what_to_do(string text, string message) =>
        Assert.Contains(message, Assert.Throws<HostException>(() => ConfigurationMerge.Add(Encoding.UTF8.GetBytes(text), "f")).Message, StringComparison.Ordinal);

    [Fact]
    public void Debians_configuration_with_its_nested_tables_is_added_to()
    {
        byte[] file = Encoding.UTF8.GetBytes(Debian);
        Assert.True(ContainerdToml.Parse(ConfigurationMerge.Add(file, "f"), "f").Has("plugins", "io.containerd.grpc.v1.cri", "cni", "bin_dir"));
    }

    [Fact]
    public void A_template_of_k3s_is_added_to_once_and_given_back()
    {
        byte[] file = "{{ template \"base\" . }}\n\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.\"custom\"]\n{{ if .X }}\n"u8.ToArray();
        byte[] once = TemplateMerge.Add(file, ConfigurationMerge.PluginOfVersion2, "t");
        Assert.Equal(file, once[..file.Length]);
        Assert.Equal(once, TemplateMerge.Add(once, ConfigurationMerge.PluginOfVersion2, "t"));
        Assert.Equal(file, TemplateMerge.Remove(once));
    }

    [Fact]
    public void A_template_with_a_foreign_runtime_of_this_name_is_refused() => Assert.Throws<HostException>(() =>
        TemplateMerge.Add("[plugins.x.containerd.runtimes.pavise]\n"u8, ConfigurationMerge.PluginOfVersion2, "t"));
}
