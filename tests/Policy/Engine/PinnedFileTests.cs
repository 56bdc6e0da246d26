using System.Text.Json.Nodes;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;
using Pavise.Policy.Tests.Support;

namespace Pavise.Policy.Tests.Engine;

/// <summary>One file of the host at a path of its own, pinned by digest: what a sub-path of a ConfigMap needs.</summary>
public sealed class PinnedFileTests
{
    private static readonly string Digest = new('a', 64);

    private static PolicyDocument Policy(bool? required = null) => Sample.Document(p =>
    {
        JsonObject mount = new() { ["path"] = "/etc/one.conf", ["from"] = "host", ["digest"] = $"sha256:{Digest}" };
        if (required is { } said)
        {
            mount["required"] = said;
        }

        p["containers"]![0]!["mounts"]!.AsArray().Add(mount);
    });

    [Fact]
    public void A_pinned_file_must_be_brought_and_only_its_content_is_taken()
    {
        PolicyDocument policy = Policy();
        PolicyState attached = Sample.Attached(policy);
        Assert.Contains("files", Sample.Refused(policy, attached, Sample.Create()).Rule, StringComparison.Ordinal);

        PolicyState created = attached.Do(policy, Sample.Create(s => s["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/etc/one.conf", ["type"] = "bind", ["source"] = "/f" })));
        Assert.Contains("not the one that the policy pins", Sample.Refused(policy, created, new PutFile("c1", "/etc/one.conf", "", 3, new byte[32])).Reason, StringComparison.Ordinal);
        Assert.IsType<PutFilePlan>(Sample.Permitted(policy, created, new PutFile("c1", "/etc/one.conf", "", 3, Convert.FromHexString(Digest))));
    }

    [Fact]
    public void A_pinned_file_that_is_not_required_may_be_missing() =>
        Assert.IsType<ContainerPlan>(Sample.Permitted(Policy(required: false), Sample.Attached(Policy(required: false)), Sample.Create()));
}
