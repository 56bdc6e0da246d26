using k8s.Models;
using Pavise.Cri.Kubelet;
using Pavise.Cri.V1;
using Pavise.Workloads;

namespace Pavise.Cri.Volumes;

/// <summary>A pod's volumes below kubelet's folder of the pod, and each container's mounts of them.</summary>
internal sealed class PodVolumes(PodManifest manifest, string podFolder, Func<string> podIp)
{
    private const UnixFileMode Everybody = (UnixFileMode)0b111_111_111, EverybodysFile = (UnixFileMode)0b110_110_110, HostsFileMode = (UnixFileMode)0b110_100_100;

    private readonly VolumeContent content = new(manifest, podIp);
    private readonly List<string> mounted = [];

    /// <summary>Makes and fills all volumes, before any container; again to bring changed content.</summary>
    public async Task FillAsync()
    {
        foreach (V1Volume volume in manifest.Pod.Spec.Volumes)
        {
            await FillAsync(volume);
        }
    }

    /// <summary>What a container gets mounted: its volumes, the hosts file, the place for its last words.</summary>
    public IEnumerable<Mount> MountsOf(V1Container container, uint attempt)
    {
        foreach (V1VolumeMount mount in container.VolumeMounts)
        {
            V1Volume volume = manifest.Pod.Spec.Volumes.FirstOrDefault(v => v.Name == mount.Name)
                ?? throw PodException.Configuration($"container {container.Name} mounts the volume {mount.Name}, which the pod does not have");
            string host = Source(volume);
            yield return new()
            {
                ContainerPath = mount.MountPath,
                HostPath = mount.SubPath is null ? host : Resolve(Path.Combine(host, mount.SubPath)),
                Readonly = mount.ReadOnlyProperty == true || !IsWritable(volume),
            };
        }

        if (manifest.Pod.Spec.HostNetwork != true && container.VolumeMounts.All(m => m.MountPath != "/etc/hosts"))
        {
            yield return new() { ContainerPath = "/etc/hosts", HostPath = WriteHosts() };
        }

        string words = Path.Combine(Directory.CreateDirectory(Path.Combine(podFolder, "containers", container.Name)).FullName, $"{attempt:x8}");
        File.WriteAllText(words, "");
        File.SetUnixFileMode(words, EverybodysFile);
        yield return new() { ContainerPath = container.TerminationMessagePath, HostPath = words };
    }

    /// <summary>What a container wrote as its last words.</summary>
    public string TerminationMessage(string container, uint attempt) => File.ReadAllText(Path.Combine(podFolder, "containers", container, $"{attempt:x8}"));

    /// <summary>Unmounts what was mounted.</summary>
    public async Task UnmountAsync()
    {
        foreach (string folder in mounted)
        {
            (await Command.RunAsync("umount", [folder], TimeSpan.FromSeconds(20))).OrThrow($"umount {folder}");
        }

        mounted.Clear();
    }

    private async Task FillAsync(V1Volume volume)
    {
        string folder = Source(volume);
        if (volume.HostPath is not null)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        if (volume.EmptyDir is V1EmptyDirVolumeSource empty)
        {
            if (empty.Medium == "Memory")
            {
                await MountMemoryAsync(folder, empty.SizeLimit is ResourceQuantity limit ? $"size={limit.ToInt64()}" : "");
            }

            File.SetUnixFileMode(folder, Everybody);
            return;
        }

        if (volume.ConfigMap is null)
        {
            await MountMemoryAsync(folder, "");
        }

        await AtomicFolder.WriteAsync(folder, volume switch
        {
            { ConfigMap: V1ConfigMapVolumeSource source } => content.Of(source),
            { Secret: V1SecretVolumeSource source } => content.Of(source),
            { DownwardAPI: V1DownwardAPIVolumeSource source } => content.Of(source),
            { Projected: V1ProjectedVolumeSource source } => content.Of(source),
            _ => throw new PodException("FailedMount", $"the driver does not know the kind of volume {volume.Name}"),
        });
    }

    private async Task MountMemoryAsync(string folder, string options)
    {
        if (!mounted.Contains(folder))
        {
            (await Command.RunAsync("mount", ["-t", "tmpfs", .. options.Length > 0 ? new[] { "-o", options } : [], "tmpfs", folder], TimeSpan.FromSeconds(20))).OrThrow($"mount {folder}");
            mounted.Add(folder);
        }
    }

    private string Source(V1Volume volume) => volume switch
    {
        { HostPath: V1HostPathVolumeSource host } => host.Path,
        { EmptyDir: not null } => Below("kubernetes.io~empty-dir", volume),
        { ConfigMap: not null } => Below("kubernetes.io~configmap", volume),
        { Secret: not null } => Below("kubernetes.io~secret", volume),
        { DownwardAPI: not null } => Below("kubernetes.io~downward-api", volume),
        { Projected: not null } => Below("kubernetes.io~projected", volume),
        _ => throw new PodException("FailedMount", $"the driver does not know the kind of volume {volume.Name}"),
    };

    private string Below(string plugin, V1Volume volume) => Path.Combine(podFolder, "volumes", plugin, volume.Name);

    private static bool IsWritable(V1Volume volume) => volume.EmptyDir is not null || volume.HostPath is not null;

    /// <summary>A path below a volume is mounted by what it really is, so that it does not change under the container.</summary>
    private static string Resolve(string path) => Path.GetFullPath(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);

    private string WriteHosts()
    {
        string file = Path.Combine(podFolder, "etc-hosts");
        IEnumerable<string> aliases = (manifest.Pod.Spec.HostAliases ?? []).Select(a => $"{a.Ip}\t{string.Join('\t', a.Hostnames)}\n");
        File.WriteAllText(file, $"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n{podIp()}\t{manifest.Pod.Spec.Hostname ?? manifest.Name}\n{string.Concat(aliases)}");
        File.SetUnixFileMode(file, HostsFileMode);
        return file;
    }
}
