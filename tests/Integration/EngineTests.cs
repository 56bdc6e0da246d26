using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>The same redis image and policy under engines that know nothing of Pavise.</summary>
public sealed class EngineTests
{
    private const string Image = "localhost/redis:latest";

    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task Docker_runs_execs_logs_and_stops_redis_with_a_policy_that_its_configuration_names(string machine)
    {
        await using Node node = new(machine);
        (string layout, string policy, _) = await RedisAsync(node);
        await using Docker docker = await Docker.StartAsync(node, policy);
        string archive = Path.Combine(node.Folder, "redis.tar");
        (await Command.RunAsync("skopeo", ["copy", "--quiet", $"oci:{layout}:latest", $"docker-archive:{archive}:{Image}"], TimeSpan.FromMinutes(2))).OrThrow("skopeo copy");
        (await docker.RunAsync("load", "--quiet", "--input", archive)).OrThrow("docker load");

        (await docker.RunAsync("run", "--detach", "--name", "redis", "--runtime", "pavise", "--network", "host", Image)).OrThrow("docker run");
        await ReadyAsync(() => docker.RunAsync("logs", "redis"));
        Assert.Equal("PONG", (await docker.RunAsync("exec", "redis", "redis-cli", "ping")).OrThrow("docker exec").Output.Trim());
        CommandResult refused = await docker.RunAsync("exec", "redis", "redis-cli", "flushall");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("refused by the owner's policy", refused.Both, StringComparison.Ordinal);
        (await docker.RunAsync("stop", "--time", "30", "redis")).OrThrow("docker stop");
        Assert.Equal("exited 0", (await docker.RunAsync("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", "redis")).OrThrow("docker inspect").Output.Trim());
        (await docker.RunAsync("rm", "redis")).OrThrow("docker rm");

        CommandResult without = await docker.RunAsync("run", "--rm", "--runtime", "without", "--network", "host", Image);
        Assert.NotEqual(0, without.ExitCode);
        Assert.Contains("this container has no policy", without.Both, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("process")]
    [InlineData("tcg")]
    public async Task Podman_kube_play_runs_a_pod_of_redis_in_one_pvm_with_a_policy_given_as_runtime_flag(string machine)
    {
        await using Node node = new(machine);
        (string layout, string policy, _) = await RedisAsync(node);
        // This version of podman takes no annotation of more than 63 characters from a pod's YAML.
        await using Podman podman = await PodmanAsync(node, layout, "--runtime-flag", $"policy={policy}");
        string yaml = Path.Combine(node.Folder, "pod.yaml");
        await File.WriteAllTextAsync(yaml, $$"""
            apiVersion: v1
            kind: Pod
            metadata: { name: shop }
            spec:
              containers:
                - name: redis
                  image: {{Image}}
                  imagePullPolicy: Never
                  volumeMounts: [{ name: data, mountPath: /data }]
              volumes: [{ name: data, emptyDir: {} }]
            """);

        (await podman.RunAsync("kube", "play", "--network", "none", yaml)).OrThrow("podman kube play");
        await ReadyAsync(() => podman.RunAsync("logs", "shop-redis"));
        Assert.Equal("PONG", (await podman.RunAsync("exec", "shop-redis", "redis-cli", "ping")).OrThrow("podman exec").Output.Trim());
        Assert.Contains("refused by the owner's policy", (await podman.RunAsync("exec", "shop-redis", "redis-cli", "flushall")).Error, StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(node.State, "sandboxes")));
        (await podman.RunAsync("pod", "stop", "--time", "30", "shop")).OrThrow("podman pod stop");
        Assert.Equal("exited 0", (await podman.RunAsync("inspect", "shop-redis", "--format", "{{.State.Status}} {{.State.ExitCode}}")).OrThrow("podman inspect").Output.Trim());
        (await podman.RunAsync("kube", "down", yaml)).OrThrow("podman kube down");
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(node.State, "sandboxes")));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(node.State, "containers")));
    }

    [Fact]
    public async Task A_second_container_of_a_podman_pod_that_the_policy_does_not_list_is_refused_and_the_first_goes_on()
    {
        await using Node node = new("process");
        (string layout, _, string annotation) = await RedisAsync(node);
        await using Podman podman = await PodmanAsync(node, layout);
        (await podman.RunAsync("pod", "create", "--name", "shop", "--network", "none")).OrThrow("podman pod create");
        (await podman.RunAsync("run", "--detach", "--pod", "shop", "--name", "redis", "--annotation", $"dev.pavise.policy={annotation}", Image)).OrThrow("podman run");
        await ReadyAsync(() => podman.RunAsync("logs", "redis"));

        CommandResult second = await podman.RunAsync("run", "--pod", "shop", "--name", "debug", Image, "cat", "/data/dump.rdb");
        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains("refused by the owner's policy", second.Error, StringComparison.Ordinal);
        Assert.Equal("PONG", (await podman.RunAsync("exec", "redis", "redis-cli", "ping")).OrThrow("podman exec").Output.Trim());
        (await podman.RunAsync("pod", "rm", "--force", "--time", "0", "shop")).OrThrow("podman pod rm");
    }

    [Fact]
    public async Task When_a_pods_pvm_is_killed_podman_sees_its_containers_and_the_pod_end()
    {
        await using Node node = new("process");
        (string layout, _, string annotation) = await RedisAsync(node);
        await using Podman podman = await PodmanAsync(node, layout);
        (await podman.RunAsync("pod", "create", "--name", "shop", "--network", "none")).OrThrow("podman pod create");
        (await podman.RunAsync("run", "--detach", "--pod", "shop", "--name", "redis", "--annotation", $"dev.pavise.policy={annotation}", Image)).OrThrow("podman run");
        string visor = System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(Directory.EnumerateFiles(Path.Combine(node.State, "sandboxes"), "visor.json", SearchOption.AllDirectories).Single()))!["pid"]!.ToString();
        (await Command.RunAsync("kill", ["-9", visor])).OrThrow("kill");
        Assert.Equal("137", (await podman.RunAsync("wait", "redis")).OrThrow("podman wait").Output.Trim());
        for (int i = 0; i < 50 && (await podman.RunAsync("pod", "inspect", "shop", "--format", "{{.State}}")).Output.Trim() != "Exited"; i++)
        {
            await Task.Delay(100);
        }

        Assert.Equal("Exited", (await podman.RunAsync("pod", "inspect", "shop", "--format", "{{.State}}")).Output.Trim());
        (await podman.RunAsync("pod", "rm", "--force", "--time", "0", "shop")).OrThrow("podman pod rm");
    }

    private static async Task<(string Layout, string PolicyFile, string Annotation)> RedisAsync(Node node)
    {
        (_, string layout) = await RedisImage.BuildAsync(Path.Combine(Tree.Cache, "redis"));
        string yaml = RedisPolicy.Yaml(await Owner.RootHashAsync(layout)), source = Path.Combine(node.Folder, "policy.yaml"), compiled = Path.Combine(node.Folder, "policy.json");
        await File.WriteAllTextAsync(source, yaml);
        (await Owner.PaviseAsync("policy", "compile", source, "--output", compiled)).OrThrow("pavise policy compile");
        return (layout, compiled, await Owner.AnnotationAsync(yaml));
    }

    private static async Task<Podman> PodmanAsync(Node node, string layout, params string[] options)
    {
        Podman podman = new(node, options);
        string id = (await podman.RunAsync("pull", "--quiet", $"oci:{layout}:latest")).OrThrow("podman pull").Output.Trim();
        (await podman.RunAsync("tag", id, Image)).OrThrow("podman tag");
        return podman;
    }

    private static async Task ReadyAsync(Func<Task<CommandResult>> logs)
    {
        CommandResult last = await logs();
        for (int i = 0; i < 300 && !last.Both.Contains("Ready to accept connections", StringComparison.Ordinal); i++)
        {
            await Task.Delay(100);
            last = await logs();
        }

        Assert.Contains("Ready to accept connections", last.Both, StringComparison.Ordinal);
    }
}
