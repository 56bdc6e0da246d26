using System.Globalization;
using Pavise.Owner.Policies.Drafts;
using Pavise.Owner.Policies.Kubernetes;

namespace Pavise.Owner.Policies.Generation;

/// <summary>The downward API: what the YAML itself says is pinned, what the cluster makes is a hole with the narrowest expression.</summary>
internal static class DownwardApi
{
    private const string Address = "[0-9a-f.:]{2,45}", Addresses = "[0-9a-f.:,]{2,100}", NodeName = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";
    private const string Uid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

    /// <summary>Labels and annotations that controllers add, so that the YAML does not have them.</summary>
    private static readonly string[] Made = ["pod-template-hash", "controller-revision-hash", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "batch.kubernetes.io/job-completion-index", "batch.kubernetes.io/job-name", "job-name", "controller-uid", "batch.kubernetes.io/controller-uid", "pod-template-generation"];

    /// <summary>The value of a <c>fieldRef</c>; null for an unknown field.</summary>
    public static DraftValue? Field(PodContext context, string path)
    {
        Workload workload = context.Workload;
        YamlNode spec = workload.Spec;
        PodName name = workload.PodName();
        return path switch
        {
            "metadata.name" => name.Pattern is null ? new(name.Exact) : DraftValue.Hole(name.Pattern),
            "metadata.namespace" => workload.Namespace is { } given ? new(given) : DraftValue.Hole("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"),
            "metadata.uid" => DraftValue.Hole(Uid),
            "spec.nodeName" => spec.Text("nodeName") is { } node ? new(node) : DraftValue.Hole(NodeName),
            "spec.serviceAccountName" => new(spec.Text("serviceAccountName") ?? spec.Text("serviceAccount") ?? "default"),
            "status.hostIP" or "status.podIP" => DraftValue.Hole(Address),
            "status.hostIPs" or "status.podIPs" => DraftValue.Hole(Addresses),
            "metadata.labels" or "metadata.annotations" => DraftValue.Hole("(.|\\n)*"),
            _ when Key(path, "metadata.labels") is { } key => Member(workload, "labels", key),
            _ when Key(path, "metadata.annotations") is { } key => Member(workload, "annotations", key),
            _ => null,
        };
    }

    /// <summary>The value of a <c>resourceFieldRef</c>: the quantity over the divisor, rounded up; the node's capacity where the container has no limit.</summary>
    public static DraftValue Resource(YamlNode container, YamlNode reference)
    {
        string resource = reference.RequiredText("resource");
        string[] parts = resource.Split('.', 2);
        YamlNode? resources = container.Find("resources");
        YamlNode? quantity = parts.Length != 2 ? throw reference.Wrong($"the resource {resource} is not known") : Member(resources?.Find(parts[0]), parts[1]) ?? Member(resources?.Find("limits"), parts[1]);
        decimal divisor = reference.Find("divisor") is { } given && Quantity.Of(given) is var d and > 0 ? d : 1;
        return quantity is null ? DraftValue.Hole("[0-9]{1,20}") : new(Math.Ceiling(Quantity.Of(quantity) / divisor).ToString("0", CultureInfo.InvariantCulture));
    }

    private static YamlNode? Member(YamlNode? map, string key) => map?.Members.FirstOrDefault(m => m.Key == key).Value;

    private static DraftValue Member(Workload workload, string kind, string key) =>
        Made.Contains(key) ? DraftValue.Hole("[a-zA-Z0-9._-]{0,63}") : new(Member(workload.Template.Find("metadata")?.Find(kind), key)?.Text() ?? "");

    private static string? Key(string path, string of) =>
        path.StartsWith(of + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[(of.Length + 2)..^2] : null;
}
