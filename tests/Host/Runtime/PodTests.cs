using System.Text.Json.Nodes;
using Pavise.Boundary.GuestApi;
using Pavise.Host.Tests.Runtime.Support;

namespace Pavise.Host.Tests.Runtime;

/// <summary>Pods as engines describe them to an OCI runtime: one container stands for the pod, the others name it.</summary>
[Collection(nameof(Commands))]
public sealed class PodTests
{
    private const string Pod = "pod-container";

    public static TheoryData<string> Dialects => ["containerd", "cri-o", "podman"];

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Containers_of_a_pod_share_one_pvm_which_ends_with_the_pod(string dialect)
    {
        using Rig rig = new();
        await PodAsync(rig, dialect);
        Assert.Equal(0, rig.Launches);
        Assert.Equal((0, "", ""), await MemberAsync(rig, dialect, "a"));
        Assert.Equal((0, "", ""), await MemberAsync(rig, dialect, "b"));
        Assert.Equal(1, rig.Launches);
        Assert.Equal(["a", "b"], rig.Guest.All<CreateContainerRequest>().Select(r => r.ContainerId));

        Assert.Equal((0, "", ""), await rig.RunAsync("delete", "--force", "a"));
        Assert.Equal("a", rig.Guest.Only<DeleteContainerRequest>().ContainerId);
        Assert.Equal(3, rig.Leftovers().Count);
        Assert.Equal((0, "", ""), await rig.RunAsync("delete", "--force", "b"));
        Assert.Equal((0, "", ""), await rig.RunAsync("delete", "--force", Pod));
        Assert.Empty(rig.Leftovers());
        Assert.Equal(0, rig.RunningHostProcesses);
    }

    [Fact]
    public async Task Nothing_runs_in_the_container_that_stands_for_a_pod()
    {
        using Rig rig = new();
        await PodAsync(rig, "podman");
        Assert.Contains("stands for its pod", (await rig.RunAsync("exec", Pod, "ls")).Error, StringComparison.Ordinal);
        Assert.Contains("stands for its pod", (await rig.RunAsync("ps", Pod)).Error, StringComparison.Ordinal);
        Assert.Contains("running", (await rig.RunAsync("state", Pod)).Output, StringComparison.Ordinal);
        Assert.Equal((0, "", ""), await rig.RunAsync("kill", Pod, "TERM"));
        Assert.Equal(0, rig.RunningHostProcesses);
        Assert.Equal((0, "", ""), await rig.RunAsync("delete", Pod));
        Assert.Empty(rig.Leftovers());
    }

    [Fact]
    public async Task A_member_with_another_policy_is_refused_and_one_without_joins()
    {
        using Rig rig = new();
        await PodAsync(rig, "cri-o");
        await MemberAsync(rig, "cri-o", "a");
        Assert.Contains("under another policy", (await MemberAsync(rig, "cri-o", "b", Rig.Annotation("""{"other":1}"""))).Error, StringComparison.Ordinal);
        Assert.Equal((0, "", ""), await MemberAsync(rig, "cri-o", "c", ""));
        Assert.Equal(1, rig.Launches);
    }

    [Fact]
    public async Task A_member_of_an_unknown_pod_is_refused_with_what_to_do()
    {
        using Rig rig = new();
        Assert.Contains("must be created by this runtime", (await MemberAsync(rig, "containerd", "a")).Error, StringComparison.Ordinal);
        Assert.Empty(rig.Leftovers());
    }

    [Fact]
    public async Task A_first_member_that_fails_takes_its_pvm_along_and_a_later_one_only_itself()
    {
        using Rig rig = new();
        await PodAsync(rig, "containerd");
        rig.Guest.Refused.Add(nameof(IGuestService.CreateContainer));
        Assert.Equal(1, (await MemberAsync(rig, "containerd", "a")).Status);
        Assert.Single(rig.Leftovers());
        rig.Guest.Refused.Clear();
        await MemberAsync(rig, "containerd", "b");
        rig.Failing.Add("process");
        Assert.Equal(1, (await MemberAsync(rig, "containerd", "c")).Status);
        Assert.Equal("c", rig.Guest.Only<DeleteContainerRequest>().ContainerId);
        Assert.Equal(3, rig.Leftovers().Count);
    }

    [Fact]
    public async Task A_container_like_a_pods_that_carries_a_policy_of_its_own_is_no_pod()
    {
        using Rig rig = new();
        rig.Config["process"]!["args"] = new JsonArray("/catatonit", "-P");
        rig.Config["annotations"]!["io.container.manager"] = "libpod";
        Assert.Equal((0, "", ""), await rig.CreateAsync());
        Assert.Equal(1, rig.Launches);
    }

    private static async Task PodAsync(Rig rig, string dialect)
    {
        JsonObject config = rig.Config.DeepClone().AsObject();
        config["annotations"] = dialect switch
        {
            "containerd" => new JsonObject { ["io.kubernetes.cri.container-type"] = "sandbox", ["io.kubernetes.cri.sandbox-id"] = Pod },
            "cri-o" => new JsonObject { ["io.kubernetes.cri-o.ContainerType"] = "sandbox", ["io.kubernetes.cri-o.SandboxID"] = Pod },
            _ => new JsonObject { ["io.container.manager"] = "libpod" },
        };
        config["process"]!["args"] = dialect == "podman" ? new JsonArray("/catatonit", "-P") : new JsonArray("/pause");
        rig.WriteConfig(config.ToJsonString());
        Assert.Equal((0, "", ""), await rig.RunAsync("create", "--bundle", rig.BundleFolder, Pod));
        Assert.Equal((0, "", ""), await rig.RunAsync("start", Pod));
    }

    private static Task<(int Status, string Output, string Error)> MemberAsync(Rig rig, string dialect, string id, string? policy = null)
    {
        JsonObject config = rig.Config.DeepClone().AsObject();
        JsonObject annotations = config["annotations"]!.AsObject();
        annotations[dialect == "containerd" ? "io.kubernetes.cri.container-type" : "io.kubernetes.cri-o.ContainerType"] = "container";
        annotations[dialect == "containerd" ? "io.kubernetes.cri.sandbox-id" : "io.kubernetes.cri-o.SandboxID"] = Pod;
        if (policy is { Length: > 0 })
        {
            annotations["dev.pavise.policy"] = policy;
        }
        else if (policy is "")
        {
            annotations.Remove("dev.pavise.policy");
        }

        rig.WriteConfig(config.ToJsonString());
        return rig.RunAsync("create", "--bundle", rig.BundleFolder, id);
    }
}
