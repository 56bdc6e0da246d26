using System.Text;
using k8s.Models;

namespace Pavise.Cri.Kubelet;

/// <summary>A container's environment: services, then <c>envFrom</c>, then <c>env</c>, the later one winning.</summary>
internal static class ContainerEnvironment
{
    /// <summary>Builds it.</summary>
    /// <exception cref="PodException">A ConfigMap or Secret or a key of it is missing and not optional.</exception>
    public static Dictionary<string, string> Build(PodManifest manifest, V1Container container, string podIp)
    {
        Dictionary<string, string> result = [];
        foreach (V1EnvFromSource source in container.EnvFrom)
        {
            foreach ((string key, string value) in From(manifest, source))
            {
                result[source.Prefix + key] = value;
            }
        }

        foreach (V1EnvVar variable in container.Env)
        {
            if (variable.ValueFrom is V1EnvVarSource from)
            {
                if (Value(manifest, container, podIp, from) is string value)
                {
                    result[variable.Name] = value;
                }
            }
            else
            {
                result[variable.Name] = Expansion.Expand(variable.Value ?? "", result);
            }
        }

        foreach ((string name, string value) in Services())
        {
            result.TryAdd(name, value);
        }

        return result;
    }

    private static string? Value(PodManifest manifest, V1Container container, string podIp, V1EnvVarSource from)
    {
        if (from.FieldRef is V1ObjectFieldSelector field)
        {
            return FieldReferences.Field(manifest.Pod, podIp, field.FieldPath);
        }

        if (from.ResourceFieldRef is V1ResourceFieldSelector resource)
        {
            return FieldReferences.Resource(container, resource);
        }

        if (from.ConfigMapKeyRef is V1ConfigMapKeySelector configMap)
        {
            return manifest.ConfigMaps.TryGetValue(configMap.Name, out V1ConfigMap? found) && found.Data.TryGetValue(configMap.Key, out string? text) ? text
                : configMap.Optional == true ? null : throw PodException.Configuration($"configmap \"{configMap.Name}\" or its key {configMap.Key} not found");
        }

        V1SecretKeySelector secret = from.SecretKeyRef;
        return manifest.Secrets.TryGetValue(secret.Name, out V1Secret? kept) && kept.Data.TryGetValue(secret.Key, out byte[]? bytes) ? Encoding.UTF8.GetString(bytes)
            : secret.Optional == true ? null : throw PodException.Configuration($"secret \"{secret.Name}\" or its key {secret.Key} not found");
    }

    private static IEnumerable<KeyValuePair<string, string>> From(PodManifest manifest, V1EnvFromSource source)
    {
        if (source.ConfigMapRef is V1ConfigMapEnvSource configMap)
        {
            return manifest.ConfigMaps.TryGetValue(configMap.Name, out V1ConfigMap? found) ? found.Data
                : configMap.Optional == true ? [] : throw PodException.Configuration($"configmap \"{configMap.Name}\" not found");
        }

        V1SecretEnvSource secret = source.SecretRef;
        return manifest.Secrets.TryGetValue(secret.Name, out V1Secret? kept) ? kept.Data.Select(d => KeyValuePair.Create(d.Key, Encoding.UTF8.GetString(d.Value)))
            : secret.Optional == true ? [] : throw PodException.Configuration($"secret \"{secret.Name}\" not found");
    }

    /// <summary>Variables of the service <c>kubernetes</c>, which pods get even without service links.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Services() => new Dictionary<string, string>
    {
        ["KUBERNETES_SERVICE_HOST"] = NodeFacts.ApiServer,
        ["KUBERNETES_SERVICE_PORT"] = "443",
        ["KUBERNETES_SERVICE_PORT_HTTPS"] = "443",
        ["KUBERNETES_PORT"] = $"tcp://{NodeFacts.ApiServer}:443",
        ["KUBERNETES_PORT_443_TCP"] = $"tcp://{NodeFacts.ApiServer}:443",
        ["KUBERNETES_PORT_443_TCP_PROTO"] = "tcp",
        ["KUBERNETES_PORT_443_TCP_PORT"] = "443",
        ["KUBERNETES_PORT_443_TCP_ADDR"] = NodeFacts.ApiServer,
    };
}
