using System.Text.Json;

namespace Pavise.Host.Bundles;

/// <summary>What a container is to a pod.</summary>
internal enum PodRole
{
    /// <summary>It has a pVM of its own.</summary>
    Alone,

    /// <summary>It stands for the pod: nothing of it runs inside the pVM.</summary>
    Sandbox,

    /// <summary>It runs in its pod's pVM.</summary>
    Member,
}

/// <summary>A container's place in a pod, as Kubernetes' CRI implementations and podman tell a runtime by annotations.</summary>
/// <param name="Role">What it is.</param>
/// <param name="SandboxId">Id of the container that stands for the pod; empty for one that is alone.</param>
internal sealed record PodMembership(PodRole Role, string SandboxId)
{
    /// <summary>Annotations of containerd (pkg/cri/annotations) and of CRI-O (pkg/annotations), which podman writes too.</summary>
    private static readonly (string Type, string Id)[] Dialects =
    [
        ("io.kubernetes.cri.container-type", "io.kubernetes.cri.sandbox-id"),
        ("io.kubernetes.cri-o.ContainerType", "io.kubernetes.cri-o.SandboxID"),
    ];

    /// <summary>What podman runs in the container that stands for a pod, on which it writes no annotation.</summary>
    private static readonly string[][] Pauses = [["/catatonit", "-P"], ["/pause"]];

    /// <summary>The place of a container.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="config">Its configuration.</param>
    public static PodMembership Of(string id, BundleConfig config)
    {
        Dictionary<string, string> annotations = config.Annotations;
        foreach ((string type, string sandbox) in Dialects)
        {
            switch (annotations.GetValueOrDefault(type))
            {
                case "sandbox":
                    return new(PodRole.Sandbox, id);
                case "container" when annotations.GetValueOrDefault(sandbox) is { Length: > 0 } pod:
                    return new(PodRole.Member, pod);
            }
        }

        return annotations.GetValueOrDefault("io.container.manager") == "libpod" && !annotations.ContainsKey(PolicySource.Annotation) && Array.Exists(Pauses, p => p.SequenceEqual(Arguments(config)))
            ? new(PodRole.Sandbox, id)
            : new(PodRole.Alone, "");
    }

    private static IEnumerable<string?> Arguments(BundleConfig config) => config.Process.GetProperty("args").EnumerateArray().Select(a => a.ValueKind == JsonValueKind.String ? a.GetString() : null);
}
