using Pavise.Owner.Policies.Kubernetes;

namespace Pavise.Owner.Policies.Generation;

/// <summary>What the owner should hear: warnings, and reasons for which no policy can be made.</summary>
internal sealed class Remarks
{
    private readonly List<(string Id, string Place, string Message)> warnings = [];
    private readonly List<string> refusals = [];

    /// <summary>In the order in which they were found, none twice.</summary>
    public IReadOnlyList<(string Id, string Place, string Message)> Warnings => warnings;

    public void Warn(string id, YamlNode? at, string message)
    {
        (string, string, string) warning = (id, at?.Place ?? "", message);
        if (!warnings.Contains(warning))
        {
            warnings.Add(warning);
        }
    }

    /// <summary>A pVM cannot give what the YAML asks for.</summary>
    public void Refuse(YamlNode at, string message) => refusals.Add($"{at.Place}: {message}");

    /// <exception cref="OwnerException">All refusals.</exception>
    public void ThrowIfRefused()
    {
        if (refusals.Count > 0)
        {
            throw new OwnerException(string.Join("\nerror: ", refusals.Distinct()), "such a workload stays an ordinary container, or is changed");
        }
    }
}
