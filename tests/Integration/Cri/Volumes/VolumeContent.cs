using System.Text;
using k8s.Models;
using Pavise.Cri.Kubelet;

namespace Pavise.Cri.Volumes;

/// <summary>The files of ConfigMap, Secret, downward API and projected volumes.</summary>
internal sealed class VolumeContent(PodManifest manifest, Func<string> podIp)
{
    private const int DefaultMode = 0b110_100_100;

    public Dictionary<string, VolumeFile> Of(V1ConfigMapVolumeSource source) =>
        Select(ConfigMap(source.Name, source.Optional), source.Items, source.DefaultMode);

    public Dictionary<string, VolumeFile> Of(V1SecretVolumeSource source) =>
        Select(Secret(source.SecretName, source.Optional), source.Items, source.DefaultMode);

    public Dictionary<string, VolumeFile> Of(V1DownwardAPIVolumeSource source) => Downward(source.Items, source.DefaultMode);

    public Dictionary<string, VolumeFile> Of(V1ProjectedVolumeSource source)
    {
        Dictionary<string, VolumeFile> files = [];
        foreach (V1VolumeProjection projection in source.Sources)
        {
            foreach ((string path, VolumeFile file) in Of(projection, source.DefaultMode))
            {
                files[path] = file;
            }
        }

        return files;
    }

    private Dictionary<string, VolumeFile> Of(V1VolumeProjection projection, int? mode)
    {
        if (projection.ConfigMap is V1ConfigMapProjection configMap)
        {
            return Select(ConfigMap(configMap.Name, configMap.Optional), configMap.Items, mode);
        }

        if (projection.Secret is V1SecretProjection secret)
        {
            return Select(Secret(secret.Name, secret.Optional), secret.Items, mode);
        }

        if (projection.DownwardAPI is V1DownwardAPIProjection downward)
        {
            return Downward(downward.Items, mode);
        }

        // The driver has no API server that signs tokens; the file's place and mode are kubelet's.
        V1ServiceAccountTokenProjection token = projection.ServiceAccountToken;
        return new() { [token.Path] = new(Encoding.UTF8.GetBytes($"token of {manifest.Pod.Spec.ServiceAccountName}"), Mode(null, mode)) };
    }

    private Dictionary<string, byte[]> ConfigMap(string name, bool? optional)
    {
        if (!manifest.ConfigMaps.TryGetValue(name, out V1ConfigMap? found))
        {
            return optional == true ? [] : throw new PodException("FailedMount", $"configmap \"{name}\" not found");
        }

        Dictionary<string, byte[]> data = (found.Data ?? new Dictionary<string, string>()).ToDictionary(d => d.Key, d => Encoding.UTF8.GetBytes(d.Value));
        foreach ((string key, byte[] value) in found.BinaryData ?? new Dictionary<string, byte[]>())
        {
            data[key] = value;
        }

        return data;
    }

    private Dictionary<string, byte[]> Secret(string name, bool? optional) =>
        manifest.Secrets.TryGetValue(name, out V1Secret? found) ? new(found.Data)
            : optional == true ? [] : throw new PodException("FailedMount", $"secret \"{name}\" not found");

    private static Dictionary<string, VolumeFile> Select(Dictionary<string, byte[]> data, IList<V1KeyToPath>? items, int? mode) => items is null or { Count: 0 }
        ? data.ToDictionary(d => d.Key, d => new VolumeFile(d.Value, Mode(null, mode)))
        : items.ToDictionary(i => i.Path, i => new VolumeFile(data.TryGetValue(i.Key, out byte[]? value) ? value : throw new PodException("FailedMount", $"references non-existent config key: {i.Key}"), Mode(i.Mode, mode)));

    private Dictionary<string, VolumeFile> Downward(IList<V1DownwardAPIVolumeFile> items, int? mode) => items.ToDictionary(i => i.Path, i => new VolumeFile(
        Encoding.UTF8.GetBytes(i.FieldRef is not null
            ? FieldReferences.Field(manifest.Pod, podIp(), i.FieldRef.FieldPath)
            : FieldReferences.Resource(manifest.Pod.Spec.Containers.First(c => c.Name == i.ResourceFieldRef.ContainerName), i.ResourceFieldRef)),
        Mode(i.Mode, mode)));

    private static UnixFileMode Mode(int? own, int? shared) => (UnixFileMode)(own ?? shared ?? DefaultMode);
}
