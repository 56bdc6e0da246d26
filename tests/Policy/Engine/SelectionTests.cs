using System.Text.Json.Nodes;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Tests.Support;

namespace Pavise.Policy.Tests.Engine;

/// <summary>Which entry becomes the container.</summary>
public sealed class SelectionTests
{
    [Theory]
    [InlineData("main", "/usr/bin")]
    [InlineData("twin", "/twin")]
    [InlineData("stranger", "/usr/bin")]
    public void Of_entries_that_differ_only_in_what_is_pinned_the_containers_name_says_which(string name, string path)
    {
        PolicyDocument policy = Sample.Document(p =>
        {
            JsonObject twin = p["containers"]![0]!.DeepClone().AsObject();
            twin["name"] = "twin";
            twin["process"]!["env"]!["PATH"] = "/twin";
            p["containers"]!.AsArray().Add(twin);
        });
        ContainerPlan plan = (ContainerPlan)PolicyEngine.Decide(policy, Sample.Attached(policy), Sample.Create() with { Name = name }).Plan!;
        Assert.Contains(plan.Process.Env, e => e == $"PATH={path}");
    }

    [Theory]
    [InlineData("\"default\"", false)]
    [InlineData("\"strict\"", true)]
    [InlineData("{ \"base\": \"strict\", \"allow\": [\"memfd_create\"] }", true)]
    [InlineData("{ \"base\": \"default\", \"deny\": [\"mkdir\"] }", false)]
    public void Where_no_memory_becomes_code_proc_is_read_only(string seccomp, bool readOnly)
    {
        PolicyDocument policy = Sample.Document(p => p["containers"]![0]!["process"]!["seccomp"] = JsonNode.Parse(seccomp));
        ContainerPlan plan = (ContainerPlan)PolicyEngine.Decide(policy, Sample.Attached(policy), Sample.Create()).Plan!;
        Assert.Equal(readOnly, Assert.Single(plan.Mounts, m => m.Kind == MountKind.Proc).ReadOnly);
    }
}
