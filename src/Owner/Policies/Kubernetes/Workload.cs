namespace Pavise.Owner.Policies.Kubernetes;

/// <summary>One object that makes pods.</summary>
/// <param name="Kind">Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob.</param>
/// <param name="Name">metadata.name.</param>
/// <param name="Namespace">metadata.namespace, or null where the file does not say.</param>
/// <param name="Object">The whole document.</param>
/// <param name="Template">The pod's metadata and spec: the document itself for a Pod.</param>
internal sealed record Workload(string Kind, string Name, string? Namespace, YamlNode Object, YamlNode Template)
{
    private const int HostnameChars = 63;

    public YamlNode Spec => Template.Required("spec");

    public string Id => $"{Kind}/{Name}";

    public IReadOnlyList<YamlNode> InitContainers => Spec.List("initContainers");

    public IReadOnlyList<YamlNode> Containers => Spec.List("containers");

    /// <summary>restartPolicy, with the default of the kind.</summary>
    public string RestartPolicy => Spec.Text("restartPolicy") ?? "Always";

    /// <summary>The job's own spec, where there is one.</summary>
    public YamlNode? Job => Kind switch { "Job" => Object.Find("spec"), "CronJob" => Object.At("spec.jobTemplate.spec"), _ => null };

    /// <summary>The pod's name: exact, or an expression where a controller makes it.</summary>
    public PodName PodName()
    {
        const string random = "[a-z0-9]{5}";
        string literal = Text.Escape(Name);
        bool indexed = Job?.Text("completionMode") == "Indexed";
        return Kind switch
        {
            "Pod" => new(Name, null),
            _ when Name.Length > 46 => new("", $"{Text.Escape(Name[..46])}[a-z0-9.-]*"),
            "StatefulSet" => new("", $"{literal}-[0-9]+"),
            "Deployment" => new("", $"{literal}-[a-z0-9]{{1,10}}-{random}"),
            "CronJob" => new("", $"{literal}-[0-9]+{(indexed ? "-[0-9]+" : "")}-{random}"),
            "Job" when indexed => new("", $"{literal}-[0-9]+-{random}"),
            _ => new("", $"{literal}-{random}"),
        };
    }

    /// <summary>The host name of the pod: <c>spec.hostname</c>, else the pod's name; an indexed job's lacks the random end.</summary>
    public PodName Hostname()
    {
        if (Spec.Text("hostname") is { } given)
        {
            return new(given, null);
        }

        PodName name = PodName();
        return name.Pattern is null && name.Exact.Length > HostnameChars ? new(name.Exact[..HostnameChars].TrimEnd('-', '.'), null)
            : Kind == "Job" && Job?.Text("completionMode") == "Indexed" ? new("", $"{Text.Escape(Name)}-[0-9]+")
            : name;
    }
}

/// <summary>A name, or what it matches.</summary>
/// <param name="Exact">The name; empty with an expression.</param>
/// <param name="Pattern">An expression of the policy language, or null.</param>
internal sealed record PodName(string Exact, string? Pattern);
