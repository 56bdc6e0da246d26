using System.Text.Json.Nodes;
using CsCheck;
using Pavise.Boundary;
using Pavise.Host.Configuration;
using Pavise.Host.Bundles;
using Pavise.Host.Tests.Runtime.Support;

namespace Pavise.Host.Tests.Runtime;

[Collection(nameof(Commands))]
public sealed class BundleTests
{
    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{ nope", "not JSON")]
    [InlineData("[]", "not an object")]
    [InlineData("""{"ociVersion":"2.0"}""", "ociVersion")]
    [InlineData("""{"ociVersion":"1.0.2"}""", "root.path is missing")]
    [InlineData("""{"ociVersion":"1.0.2","root":{"path":"absent"}}""", "is not a directory")]
    [InlineData("""{"ociVersion":"1.0.2","root":{"path":"rootfs"}}""", "process is missing")]
    [InlineData("""{"ociVersion":"1.0.2","root":{"path":"rootfs"},"process":{"args":[]}}""", "process.args")]
    [InlineData("""{"ociVersion":"1.0.2","root":{"path":"rootfs"},"process":{"args":[1]}}""", "process.args")]
    [InlineData("""{"ociVersion":"\ud800","root":{"path":"rootfs"},"process":{"args":["a"]}}""", "text that cannot be one")]
    [InlineData("""{"ociVersion":"1.0.2","root":{"path":"a\u0000b"},"process":{"args":["a"]}}""", "config.json")]
    [InlineData("""{"ociVersion":"1.0.2","root":{"path":"rootfs"},"process":{"args":["a"]},"annotations":{"dev.pavise.policy":"\udfff"}}""", "text that cannot be one")]
    public async Task A_malformed_configuration_is_refused_with_what_is_wrong_and_nothing_is_started(string config, string complaint)
    {
        using Rig rig = new();
        rig.WriteConfig(config);
        (int status, _, string error) = await rig.RunAsync("create", "--bundle", rig.BundleFolder, Rig.Id);
        Assert.Equal(1, status);
        Assert.Contains(complaint, error, StringComparison.Ordinal);
        Assert.Null(rig.Launched);
        Assert.Empty(rig.Leftovers());
    }

    [Fact]
    public void Any_change_of_a_configurations_bytes_is_read_or_refused_with_a_message()
    {
        using Rig rig = new();
        byte[] sound = System.Text.Encoding.UTF8.GetBytes(rig.Config.ToJsonString());
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte, Gen.Int[0, sound.Length]).Sample((at, value, length) =>
        {
            byte[] changed = [.. sound[..length], .. length == sound.Length ? [] : sound[Math.Max(at, length)..]];
            if (at < changed.Length)
            {
                changed[at] = value;
            }

            File.WriteAllBytes(Path.Combine(rig.BundleFolder, "config.json"), changed);
            try
            {
                Assert.NotEmpty(BundleConfig.Read(rig.BundleFolder).OciVersion);
            }
            catch (HostException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }, iter: 500, threads: 1);
    }

    [Fact]
    public async Task An_absent_bundle_and_one_that_is_too_large_are_refused()
    {
        using Rig rig = new();
        Assert.Contains("does not exist", (await rig.RunAsync("create", "--bundle", "/no/such", Rig.Id)).Error, StringComparison.Ordinal);
        rig.WriteConfig(new string(' ', BoundaryLimits.OciSpecBytes + 1));
        Assert.Contains("at most", (await rig.RunAsync("create", "--bundle", rig.BundleFolder, Rig.Id)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_annotation_wins_over_the_bundles_file_and_that_over_the_configuration()
    {
        using Rig rig = new();
        string configured = Path.Combine(rig.Folder, "policy.json");
        await File.WriteAllTextAsync(configured, "configured");
        await File.WriteAllTextAsync(Path.Combine(rig.BundleFolder, PolicySource.FileName), "bundle");
        HostConfiguration configuration = new() { Policy = configured };
        Assert.Equal("{}"u8.ToArray(), Find());
        rig.Config.Remove("annotations");
        Assert.Equal("bundle"u8.ToArray(), Find());
        File.Delete(Path.Combine(rig.BundleFolder, PolicySource.FileName));
        Assert.Equal("configured"u8.ToArray(), Find());
        configuration = new HostConfiguration();
        Assert.Contains("pavise policy", Assert.Throws<HostException>(Find).Message, StringComparison.Ordinal);

        byte[] Find()
        {
            rig.WriteConfig(rig.Config.ToJsonString());
            return PolicySource.Find(BundleConfig.Read(rig.BundleFolder), configuration);
        }
    }

    [Theory]
    [InlineData("%%%")]
    [InlineData("aGVsbG8=")]
    [InlineData("")]
    public async Task An_annotation_that_is_not_base64_of_gzip_is_refused_and_not_replaced_by_another_policy(string annotation)
    {
        using Rig rig = new();
        await File.WriteAllTextAsync(Path.Combine(rig.BundleFolder, PolicySource.FileName), "bundle");
        rig.Config["annotations"]!["dev.pavise.policy"] = annotation;
        Assert.Contains("not base64 of gzip", (await rig.CreateAsync()).Error, StringComparison.Ordinal);
        Assert.Empty(rig.Leftovers());
    }

    [Fact]
    public async Task An_annotation_that_expands_beyond_the_limit_is_refused()
    {
        using Rig rig = new();
        rig.Config["annotations"] = new JsonObject { ["dev.pavise.policy"] = Rig.Annotation(new string('x', BoundaryLimits.PolicyBytes + 1)) };
        Assert.Contains("which no guest accepts", (await rig.CreateAsync()).Error, StringComparison.Ordinal);
    }
}
