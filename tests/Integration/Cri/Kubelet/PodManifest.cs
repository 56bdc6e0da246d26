using System.Text;
using k8s;
using k8s.Models;

namespace Pavise.Cri.Kubelet;

/// <summary>A Pod from YAML with the ConfigMaps and Secrets of the same file, after what the API server fills in.</summary>
public sealed class PodManifest
{
    private PodManifest(V1Pod pod, Dictionary<string, V1ConfigMap> configMaps, Dictionary<string, V1Secret> secrets) =>
        (Pod, ConfigMaps, Secrets) = (pod, configMaps, secrets);

    public V1Pod Pod { get; }

    public IReadOnlyDictionary<string, V1ConfigMap> ConfigMaps { get; }

    public IReadOnlyDictionary<string, V1Secret> Secrets { get; }

    public string Name => Pod.Metadata.Name;

    public string Namespace => Pod.Metadata.NamespaceProperty;

    public string Uid => Pod.Metadata.Uid;

    /// <summary>Parses YAML documents, exactly one of which is a Pod.</summary>
    /// <exception cref="FormatException">There is no Pod, or another kind that the driver does not know.</exception>
    public static PodManifest Parse(string yaml)
    {
        List<object> documents = KubernetesYaml.LoadAllFromString(yaml);
        if (documents.FirstOrDefault(d => d is not (V1Pod or V1ConfigMap or V1Secret)) is object foreign)
        {
            throw new FormatException($"the driver knows Pod, ConfigMap and Secret, not {foreign.GetType().Name}");
        }

        V1Pod[] pods = [.. documents.OfType<V1Pod>()];
        if (pods.Length != 1)
        {
            throw new FormatException($"{pods.Length} Pods in the file; it must be one");
        }

        ApplyDefaults(pods[0]);
        Dictionary<string, V1Secret> secrets = documents.OfType<V1Secret>().ToDictionary(s => s.Metadata.Name);
        foreach (V1Secret secret in secrets.Values)
        {
            secret.Data ??= new Dictionary<string, byte[]>();
            foreach ((string key, string value) in secret.StringData ?? new Dictionary<string, string>())
            {
                secret.Data[key] = Encoding.UTF8.GetBytes(value);
            }
        }

        return new(pods[0], documents.OfType<V1ConfigMap>().ToDictionary(c => c.Metadata.Name), secrets);
    }

    /// <summary>What a Pod has when a kubelet sees it, though its author did not write it.</summary>
    private static void ApplyDefaults(V1Pod pod)
    {
        pod.Metadata.NamespaceProperty ??= "default";
        pod.Metadata.Uid ??= Guid.NewGuid().ToString();
        pod.Metadata.Labels ??= new Dictionary<string, string>();
        pod.Metadata.Annotations ??= new Dictionary<string, string>();
        pod.Spec.RestartPolicy ??= "Always";
        pod.Spec.TerminationGracePeriodSeconds ??= 30;
        pod.Spec.EnableServiceLinks ??= true;
        pod.Spec.DnsPolicy ??= "ClusterFirst";
        pod.Spec.ServiceAccountName ??= "default";
        pod.Spec.SecurityContext ??= new();
        pod.Spec.InitContainers ??= [];
        pod.Spec.Volumes ??= [];
        foreach (V1Container container in pod.Spec.InitContainers.Concat(pod.Spec.Containers))
        {
            ApplyDefaults(container);
        }
    }

    /// <summary>The same for one container.</summary>
    internal static void ApplyDefaults(V1Container container)
    {
        container.Command ??= [];
        container.Args ??= [];
        container.Env ??= [];
        container.EnvFrom ??= [];
        container.VolumeMounts ??= [];
        container.Ports ??= [];
        container.TerminationMessagePath ??= "/dev/termination-log";
        container.TerminationMessagePolicy ??= "File";
        container.Resources ??= new();
        container.Resources.Limits ??= new Dictionary<string, ResourceQuantity>();
        container.Resources.Requests ??= new Dictionary<string, ResourceQuantity>();
        foreach ((string name, ResourceQuantity limit) in container.Resources.Limits)
        {
            container.Resources.Requests.TryAdd(name, limit);
        }
    }
}
