using System.Globalization;
using k8s.Models;

namespace Pavise.Cri.Kubelet;

/// <summary>The downward API: fields of the Pod and resources of its containers as texts.</summary>
internal static class FieldReferences
{
    /// <summary>The value of a <c>fieldRef</c>.</summary>
    public static string Field(V1Pod pod, string podIp, string path) => path switch
    {
        "metadata.name" => pod.Metadata.Name,
        "metadata.namespace" => pod.Metadata.NamespaceProperty,
        "metadata.uid" => pod.Metadata.Uid,
        "metadata.labels" => Lines(pod.Metadata.Labels),
        "metadata.annotations" => Lines(pod.Metadata.Annotations),
        "spec.nodeName" => NodeFacts.Name,
        "spec.serviceAccountName" => pod.Spec.ServiceAccountName,
        "status.hostIP" or "status.hostIPs" => NodeFacts.Address,
        "status.podIP" or "status.podIPs" => podIp,
        _ when Key(path, "metadata.labels") is string label => pod.Metadata.Labels.TryGetValue(label, out string? value) ? value : "",
        _ when Key(path, "metadata.annotations") is string annotation => pod.Metadata.Annotations.TryGetValue(annotation, out string? value) ? value : "",
        _ => throw new FormatException($"unknown field '{path}'"),
    };

    /// <summary>The value of a <c>resourceFieldRef</c>: the quantity over the divisor, rounded up.</summary>
    public static string Resource(V1Container container, V1ResourceFieldSelector reference)
    {
        string[] parts = reference.Resource.Split('.', 2);
        IDictionary<string, ResourceQuantity> from = parts[0] == "limits" ? container.Resources.Limits : container.Resources.Requests;
        decimal value = from.TryGetValue(parts[1], out ResourceQuantity? quantity) ? quantity.ToDecimal() : NodeFacts.Capacity(parts[1]);
        decimal divisor = reference.Divisor?.ToDecimal() is decimal given and not 0 ? given : 1;
        return Math.Ceiling(value / divisor).ToString(CultureInfo.InvariantCulture);
    }

    private static string Lines(IDictionary<string, string> values) =>
        string.Join('\n', values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}=\"{v.Value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));

    private static string? Key(string path, string of) =>
        path.StartsWith(of + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[(of.Length + 2)..^2] : null;
}
