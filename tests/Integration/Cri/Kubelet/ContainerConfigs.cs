using k8s.Models;
using Pavise.Cri.V1;

namespace Pavise.Cri.Kubelet;

/// <summary>The configuration of one container of a pod.</summary>
internal static class ContainerConfigs
{
    public const string NameLabel = "io.kubernetes.container.name";

    /// <summary>Path of a container's log below the sandbox's folder of logs.</summary>
    public static string LogPath(string container, uint attempt) => $"{container}/{attempt}.log";

    public static ContainerConfig Of(PodManifest manifest, V1Container container, uint attempt, Image image, string podIp, IEnumerable<Mount> mounts)
    {
        Dictionary<string, string> environment = ContainerEnvironment.Build(manifest, container, podIp);
        ContainerConfig config = new()
        {
            Metadata = new() { Name = container.Name, Attempt = attempt },
            Image = new() { Image = image.Id },
            WorkingDir = container.WorkingDir ?? "",
            LogPath = LogPath(container.Name, attempt),
            Stdin = container.Stdin == true,
            StdinOnce = container.StdinOnce == true,
            Tty = container.Tty == true,
            Linux = new() { Resources = Resources.Of(manifest.Pod, container), SecurityContext = SecurityContexts.OfContainer(manifest.Pod, container, image) },
        };
        config.Command.Add(container.Command.Select(c => Expansion.Expand(c, environment)));
        config.Args.Add(container.Args.Select(a => Expansion.Expand(a, environment)));
        config.Envs.Add(environment.Select(e => new KeyValue { Key = e.Key, Value = e.Value }));
        config.Mounts.Add(mounts);
        config.Labels.Add(NameLabel, container.Name);
        config.Labels.Add("io.kubernetes.pod.name", manifest.Name);
        config.Labels.Add("io.kubernetes.pod.namespace", manifest.Namespace);
        config.Labels.Add("io.kubernetes.pod.uid", manifest.Uid);
        config.Annotations.Add("io.kubernetes.container.hash", $"{(uint)string.GetHashCode(container.Name + container.Image, StringComparison.Ordinal):x}");
        config.Annotations.Add("io.kubernetes.container.restartCount", $"{attempt}");
        config.Annotations.Add("io.kubernetes.container.terminationMessagePath", container.TerminationMessagePath);
        config.Annotations.Add("io.kubernetes.container.terminationMessagePolicy", container.TerminationMessagePolicy);
        config.Annotations.Add("io.kubernetes.pod.terminationGracePeriod", $"{manifest.Pod.Spec.TerminationGracePeriodSeconds}");
        return config;
    }
}
