using CsCheck;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pavise.Host.Shim.CommandLine;
using Pavise.Host.Shim.Protos;
using Pavise.Host.Shim.Sandboxes;
using Pavise.Host.Shim.Streams;

namespace Pavise.Host.Tests.Shim;

/// <summary>What containerd says on the command line, in options and addresses.</summary>
public sealed class CommandLineTests
{
    [Fact]
    public void The_flags_of_containerd_are_read_in_every_form_of_Gos_flag_package()
    {
        ShimArguments arguments = ShimArguments.Parse(["-namespace", "k8s.io", "--address=/run/c.sock", "-publish-binary", "/usr/bin/containerd", "-id=a", "-debug", "-bundle", "/b", "start", "-v"]);
        Assert.Equal(("k8s.io", "/run/c.sock", "/usr/bin/containerd", "a", "/b", "start"), (arguments.Namespace, arguments.Address, arguments.PublishBinary, arguments.Id, arguments.Bundle, arguments.Action));
        Assert.True(arguments.Debug);
        Assert.False(arguments.Version);
    }

    [Theory]
    [InlineData("-debug=false", false)]
    [InlineData("--debug=1", true)]
    public void A_switch_may_have_a_value_of_its_own(string word, bool on) => Assert.Equal(on, ShimArguments.Parse([word, "-id", "a"]).Debug);

    [Theory]
    [InlineData("-id")]
    [InlineData("-unknown", "x")]
    [InlineData("-debug=perhaps")]
    public void What_is_no_flag_is_named(params string[] words) => Assert.Contains(words[0].TrimStart('-').Split('=')[0], Assert.Throws<HostException>(() => ShimArguments.Parse(words)).Message, StringComparison.Ordinal);

    [Fact]
    public void No_words_end_the_parser_in_another_way_than_with_its_own_error() => Gen.String.Array[0, 8].Sample(words =>
    {
        try
        {
            ShimArguments.Parse(words);
        }
        catch (HostException)
        {
        }
    });

    [Fact]
    public void Containers_of_a_pod_share_an_address_and_no_other_task_does()
    {
        ShimArguments arguments = ShimArguments.Parse(["-namespace", "n", "-address", "/a"]), elsewhere = ShimArguments.Parse(["-namespace", "m", "-address", "/a"]);
        string Path(ShimArguments a, string id, params (string, string)[] annotations) => ShimIdentity.SocketPath(a, ShimIdentity.Group(annotations.ToDictionary(x => x.Item1, x => x.Item2), id));
        string pod = Path(arguments, "p1", ("io.kubernetes.cri.sandbox-id", "p1"));
        Assert.Equal(pod, Path(arguments, "c1", ("io.kubernetes.cri.sandbox-id", "p1")));
        Assert.Equal(Path(arguments, "x", ("io.containerd.runc.v2.group", "g")), Path(arguments, "y", ("io.containerd.runc.v2.group", "g")));
        Assert.NotEqual(pod, Path(arguments, "c1"));
        Assert.NotEqual(Path(arguments, "c1"), Path(elsewhere, "c1"));
        Assert.True(pod.Length <= 107);
    }

    [Fact]
    public void Names_of_different_tasks_differ() => Gen.Select(Gen.String[0, 80], Gen.String[0, 80]).Sample((a, b) =>
    {
        ShimArguments arguments = ShimArguments.Parse(["-namespace", "n", "-address", "/a"]);
        return a == b == (ShimIdentity.SandboxName(arguments, a) == ShimIdentity.SandboxName(arguments, b)) || a.Trim('/') == b.Trim('/');
    });

    [Theory]
    [InlineData("""{"annotations": {"a": "1", "b": 2, "c": {"x": "y"}, "a": "3"}, "process": {"annotations": {"a": "no"}}}""", "3")]
    [InlineData("""{"process": [{"annotations": {"a": "no"}}], "annotations": {"a": "yes"}}""", "yes")]
    [InlineData("""{"annotations": ["a"]}""", null)]
    [InlineData("{}", null)]
    public void Annotations_are_the_top_levels(string json, string? value) =>
        Assert.Equal(value, BundleAnnotations.Parse(System.Text.Encoding.UTF8.GetBytes(json)).GetValueOrDefault("a"));

    [Fact]
    public void A_bundle_without_a_configuration_is_an_error_that_names_it()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        Assert.Contains(folder, Assert.Throws<HostException>(() => BundleAnnotations.Read(folder)).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "config.json"), "[]");
        Assert.Contains("not JSON", Assert.Throws<HostException>(() => BundleAnnotations.Read(folder)).Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Options_of_an_unknown_runtime_name_our_configuration_and_all_others_mean_nothing()
    {
        ByteString options = new Options { TypeUrl = "x", ConfigPath = "/etc/p.toml" }.ToByteString();
        Assert.Equal("/etc/p.toml", RuntimeOptions.ConfigurationPath(new Any { TypeUrl = "runtimeoptions.v1.Options", Value = options }));
        Assert.Equal("/etc/p.toml", RuntimeOptions.ConfigurationPath(new Any { TypeUrl = "type.googleapis.com/runtimeoptions.v1.Options", Value = options }));
        Assert.Null(RuntimeOptions.ConfigurationPath(new Any { TypeUrl = "containerd.runc.v1.Options", Value = options }));
        Assert.Null(RuntimeOptions.ConfigurationPath(new Any { TypeUrl = "runtimeoptions.v1.Options" }));
        Assert.Null(RuntimeOptions.ConfigurationPath(null));
        Assert.Throws<HostException>(() => RuntimeOptions.ConfigurationPath(new Any { TypeUrl = "runtimeoptions.v1.Options", Value = ByteString.CopyFromUtf8("\u0012\u0099") }));
    }

    [Fact]
    public void A_logging_programs_arguments_are_the_words_of_the_query() =>
        Assert.Equal(["-f", "/a b", "--quiet", "x=y"], LoggerProgram.Arguments("?-f=%2Fa%20b&--quiet&x%3Dy"));
}
