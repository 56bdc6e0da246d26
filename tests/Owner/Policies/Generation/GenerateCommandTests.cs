using System.Text.Json.Nodes;
using Pavise.Owner.Policies;
using Pavise.Owner.Tests.Support;
using Pavise.Policy.Model;
using Pavise.Workloads;

namespace Pavise.Owner.Tests.Policies.Generation;

public sealed class GenerateCommandTests : IDisposable
{
    private readonly TestImages images = new();
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-generate-").FullName;

    public void Dispose()
    {
        images.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task From_an_image_alone_everything_that_it_says_is_in_the_policy()
    {
        string layout = images.Make("everything", new JsonObject
        {
            ["Entrypoint"] = new JsonArray("/app/server"),
            ["Cmd"] = new JsonArray("--name", "it's: \"quoted\" #1\n"),
            ["Env"] = new JsonArray("MODE=on", "EMPTY="),
            ["User"] = "redis:extra",
            ["WorkingDir"] = "/app",
            ["ExposedPorts"] = new JsonObject { ["8080/tcp"] = new JsonObject(), ["53/udp"] = new JsonObject() },
            ["Volumes"] = new JsonObject { ["/var/lib/app/"] = new JsonObject() },
            ["StopSignal"] = "3",
            ["Healthcheck"] = new JsonObject { ["Test"] = new JsonArray("CMD-SHELL", "check || exit 1") },
        });
        PolicyDocument policy = await GenerateAsync(layout, "--name", "everything", "--tee", "snp");
        ContainerEntry c = Assert.Single(policy.Containers);
        Assert.Equal(["/app/server", "--name", "it's: \"quoted\" #1\n"], c.Process.Args.Select(a => a.Text));
        Assert.Equal(["EMPTY=", "MODE=on", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], c.Process.Env.Select(e => e.Assignment));
        Assert.Equal((999u, 2000u, "/app"), (c.Process.Uid, c.Process.Gid, c.Process.Cwd));
        Assert.Equal([1000u], c.Process.AdditionalGids);
        Assert.Equal([8080], policy.Network.Ingress.Select(i => i.Port));
        Assert.Contains(c.Mounts, m => m.Path == "/var/lib/app" && m.Source == MountSource.Volume);
        Assert.NotEqual(0ul, (c.Signals >> 2) & 1);
        Assert.Equal(["/bin/sh", "-c", "check || exit 1"], Assert.Single(c.Exec).Process.Args.Select(a => a.Text));
        Assert.Equal((await PaviseCommand.RunAsync("image", "hash", layout)).Output.Trim(), c.Root.ToString());
    }

    [Fact]
    public async Task The_same_image_as_a_layout_and_as_an_archive_gives_the_same_policy()
    {
        string layout = images.Make("both", new JsonObject { ["Cmd"] = new JsonArray("/app"), ["User"] = "1000" }), archive = Path.Combine(folder, "both.tar");
        (await Command.RunAsync("tar", ["-C", layout, "-cf", archive, "."])).OrThrow("tar");
        string Text(string output) => string.Join('\n', output.Split('\n').Where(l => !l.Contains("image:", StringComparison.Ordinal) && !l.StartsWith('#')));
        string one = (await PaviseCommand.RunAsync("policy", "generate", layout, "--name", "both")).Output, two = (await PaviseCommand.RunAsync("policy", "generate", archive, "--name", "both")).Output;
        Assert.Equal(Text(one), Text(two));
        Assert.Contains("uid: 1000, gid: 1000", one, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wide_is_warned_of_and_marked_for_a_human()
    {
        string layout = images.Make("root", new JsonObject { ["Cmd"] = new JsonArray("/app") });
        (int code, string output, string errors) = await PaviseCommand.RunAsync("policy", "generate", layout, "--logs", "host", "--writable-root", "32Mi", "--tee", "sim", "--detailed-errors");
        Assert.Equal(0, code);
        Assert.All(["[sim-tee]", "[any-hostname]", "[root-user]", "[plain-logs]", "[open-root]", "[detailed-errors]"], id => Assert.Contains(id, errors, StringComparison.Ordinal));
        Assert.Contains("# choose", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Order_of_init_containers_and_sidecars_secrets_and_a_variable_in_an_argument_are_kept()
    {
        PolicyDocument sidecar = await ManifestAsync("istio-sidecar"), ingress = await ManifestAsync("ingress-nginx"), redis = await ManifestAsync("redis-standalone"), indexed = await ManifestAsync("indexed-job");
        Assert.Equal(["wait after istio-proxy Started", "front after istio-proxy Started", "front after wait Succeeded"], sidecar.Containers.SelectMany(c => c.After.Select(a => $"{c.Name} after {a.Name} {a.State}")));
        Assert.Equal(["--publish-service=ingress-nginx/ingress-nginx-controller"], ingress.Containers[0].Process.Args.Select(a => a.Text).Where(a => a.Contains("publish", StringComparison.Ordinal)));
        Assert.False(ingress.Containers[0].Process.NoNewPrivileges);
        Assert.Equal("kbs:///shop/cache-redis/redis-password", Assert.Single(redis.Secrets).Plan.Resource);
        Assert.DoesNotContain("canary-password", System.Text.Encoding.UTF8.GetString(redis.CanonicalBytes.Span), StringComparison.Ordinal);
        Assert.Equal([null, "--frame=[a-zA-Z0-9._-]{0,63}", null], indexed.Containers[0].Process.Args.Select(a => a.Matches?.Text));
        Assert.Equal("--workers=2", indexed.Containers[0].Process.Args[2].Text);
    }

    [Theory]
    [InlineData("kind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: a, image: i, env: [{name: B, valueFrom: {fieldRef: {fieldPath: status.nope}}}]}]}", ":3:")]
    [InlineData("kind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: a, image: i, volumeMounts: [{name: v, mountPath: /v}]}]}", "there is no volume \"v\"")]
    [InlineData("kind: Pod\nmetadata: {name: x}\nspec: {containers: {}}", "\"containers\" is a list")]
    [InlineData("kind: Pod\nmetadata: {name: x}\nspec:\n  containers: [", "not YAML")]
    [InlineData("kind: Pod\nkind: Pod", "'kind' stands twice")]
    [InlineData("a: b", "this is no Kubernetes document")]
    [InlineData("kind: ConfigMap\nmetadata: {name: x}", "no Pod, Deployment")]
    [InlineData("kind: Secret\nmetadata: {name: x}\ndata: {k: '%'}", "not base64")]
    public async Task A_mistake_in_the_YAML_is_named_with_its_place(string yaml, string message)
    {
        string file = Path.Combine(folder, "x.yaml"), layout = images.Make("plain", new JsonObject { ["Cmd"] = new JsonArray("/app") });
        await File.WriteAllTextAsync(file, yaml, TestContext.Current.CancellationToken);
        (int code, _, string errors) = await PaviseCommand.RunAsync("policy", "generate", file, "--image", $"i={layout}");
        Assert.Equal(1, code);
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.Contains("error: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_nobody_gave_is_asked_for()
    {
        string file = Path.Combine(folder, "x.yaml");
        await File.WriteAllTextAsync(file, "kind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: a, image: registry.example/a:1}]}", TestContext.Current.CancellationToken);
        (int code, _, string errors) = await PaviseCommand.RunAsync("policy", "generate", file);
        Assert.Equal(1, code);
        Assert.Contains("--image registry.example/a:1=SOURCE", errors, StringComparison.Ordinal);
    }

    private async Task<PolicyDocument> ManifestAsync(string name) => await GenerateAsync([.. ManifestFile.Read(name).Generate(images)[2..]]);

    private async Task<PolicyDocument> GenerateAsync(params string[] arguments)
    {
        string path = Path.Combine(folder, "policy.yaml");
        (int code, _, string errors) = await PaviseCommand.RunAsync(["policy", "generate", .. arguments, "-o", path]);
        Assert.True(code == 0, errors);
        return PolicySourceFile.Read(path);
    }
}
