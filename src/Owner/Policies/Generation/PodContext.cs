using Pavise.Owner.Policies.Drafts;
using Pavise.Owner.Policies.Kubernetes;

namespace Pavise.Owner.Policies.Generation;

/// <summary>What every part of the generator looks at.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Manifest">ConfigMaps and Secrets given beside.</param>
/// <param name="Options">The owner's choices.</param>
/// <param name="Remarks">Warnings and refusals.</param>
/// <param name="Draft">The policy so far.</param>
internal sealed record PodContext(Workload Workload, Manifest Manifest, GenerateOptions Options, Remarks Remarks, PolicyDraft Draft)
{
    public YamlNode? PodSecurity => Workload.Spec.Find("securityContext");

    /// <summary>A value of the container's security context, else of the pod's.</summary>
    public YamlNode? Security(YamlNode container, string key) => container.Find("securityContext")?.Find(key) ?? PodSecurity?.Find(key);

    /// <summary>The key broker resource of a key of a Secret.</summary>
    public string Resource(string secret, string key) => $"kbs:///{Part(Workload.Namespace ?? "default")}/{Part(secret)}/{Part(key)}";

    private static string Part(string text)
    {
        string part = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')).TrimStart('.');
        return part.Length is > 0 and <= Pavise.Policy.ResourceNames.PartChars ? part : part.Length == 0 ? "x" : part[..Pavise.Policy.ResourceNames.PartChars];
    }
}
