using Pavise.Owner.Policies.Drafts;
using Pavise.Owner.Policies.Kubernetes;

namespace Pavise.Owner.Policies.Generation;

/// <summary>A container's mounts, and the policy's volumes behind them.</summary>
internal sealed class PodVolumes(PodContext context)
{
    private const string Token = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Volumes of the pod by name, with the claims that a StatefulSet makes.</summary>
    private readonly Dictionary<string, YamlNode> volumes = Volumes(context.Workload);

    public void Read(YamlNode node, ContainerDraft container)
    {
        foreach (YamlNode mount in node.List("volumeMounts"))
        {
            string name = mount.RequiredText("name"), path = mount.RequiredText("mountPath");
            path = path.Length > 1 ? path.TrimEnd('/') : path;
            YamlNode volume = volumes.GetValueOrDefault(name) ?? throw mount.Wrong($"there is no volume \"{name}\"", volumes.Count == 0 ? null : $"the pod has: {string.Join(", ", volumes.Keys.Order(StringComparer.Ordinal))}");
            if (context.Options.WithoutVolumes.Contains(name))
            {
                context.Remarks.Warn("volume-left-out", mount, $"volume {name} is left out, as --without-volume says: nothing is mounted at {path}");
                continue;
            }

            if (mount.Text("subPathExpr") is not null)
            {
                context.Remarks.Refuse(mount, "subPathExpr names a folder that is known only at run time; write subPath, or one volume for each");
                continue;
            }

            Mount(volume, name, path, (mount.Text("subPath") ?? "").Trim('/'), mount.Flag("readOnly") == true, mount, container);
        }

        if (node.List("volumeDevices").Count > 0)
        {
            context.Remarks.Refuse(node.Required("volumeDevices"), "a block device of the node cannot be given to a pVM's container");
        }

        if ((context.Workload.Spec.Flag("automountServiceAccountToken") ?? true) && !container.Mounts.Any(m => m.Path == Token))
        {
            context.Remarks.Warn("service-account-token", context.Workload.Spec, "the cluster's token for the pod is not given to the application: the host could make one at any time; automountServiceAccountToken: false says so too");
        }
    }

    private void Mount(YamlNode volume, string name, string path, string subPath, bool readOnly, YamlNode at, ContainerDraft container)
    {
        string kind = volume.Members.Select(m => m.Key).FirstOrDefault(k => k != "name") ?? "emptyDir";
        YamlNode? body = volume.Find(kind);
        switch (kind)
        {
            case "emptyDir":
                Add(container, at, Writable(name, subPath, at), path, readOnly, memory: true, body?.Find("sizeLimit"));
                break;
            case "persistentVolumeClaim" or "ephemeral" or "claim":
                Add(container, at, Writable(name, subPath, at), path, readOnly, memory: false,
                    body?.At("resources.requests.storage") ?? body?.At("volumeClaimTemplate.spec.resources.requests.storage") ?? body?.At("spec.resources.requests.storage"));
                break;
            case "configMap" or "secret" or "projected" or "downwardAPI":
                Files(container, at, path, subPath, new VolumeFiles(context).Of(volume));
                break;
            case "hostPath":
                context.Remarks.Refuse(volume, $"volume {name} is the node's own folder {body?.Text("path")}: a pVM has no node's folders; --without-volume {name} leaves it out");
                break;
            default:
                context.Remarks.Refuse(volume, $"volume {name} is of kind {kind}, which the node would mount and read: use a claim (encrypted), emptyDir, ConfigMap or Secret; --without-volume {name} leaves it out");
                break;
        }
    }

    private void Add(ContainerDraft container, YamlNode at, string volume, string path, bool readOnly, bool memory, YamlNode? size)
    {
        if (!IsPlace(at, path))
        {
            return;
        }

        if (!context.Draft.Volumes.ContainsKey(volume))
        {
            bool encrypted = !memory && context.Options.Persistent == "encrypted";
            string written = size is null ? context.Options.VolumeSize : Quantity.Size(encrypted ? Math.Max(Quantity.Of(size), Pavise.Policy.PolicyLimits.EncryptedVolumeBytes) : Quantity.Of(size));
            string comment = size is null ? "choose the size: the YAML names none" : "";
            context.Draft.Volumes[volume] = encrypted
                ? new($"{{ kind: encrypted, size: {written}, key: {FlowText.Quoted(context.Resource(context.Draft.Name + ".keys", volume))}, freshness: broker }}", comment)
                : new($"{{ kind: memory, size: {written}, mode: \"1777\" }}", memory ? comment : $"lost with the pVM, as --persistent memory says{(comment.Length > 0 ? "; " + comment : "")}");
            if (size is null)
            {
                context.Remarks.Warn("volume-size", at, $"volume {volume} has no size in the YAML; {written} is written");
            }
        }

        container.Mounts.Add(new(path, $"volume: {volume}{(readOnly ? ", readOnly: true" : "")}"));
    }

    private void Files(ContainerDraft container, YamlNode at, string path, string subPath, IReadOnlyList<VolumeFile> all)
    {
        if (!IsPlace(at, path))
        {
            return;
        }

        foreach ((VolumeFile file, string target) in Placed(all, path, subPath).OrderBy(p => p.Target, StringComparer.Ordinal).Where(p => p.File.Secret is not null))
        {
            context.Draft.Secrets.Add(new(file.Secret!, container.Name, target, "", file.Comment));
        }

        (VolumeFile File, string Target)[] brought = [.. Placed(all, path, subPath).Where(p => p.File.Secret is null)];
        foreach ((VolumeFile file, string target) in brought.Where(p => p.File.Digest is null || p.Target == path).OrderBy(p => p.Target, StringComparer.Ordinal))
        {
            container.Mounts.Add(new(target, file.Digest is null ? "from: host, required: true" : $"from: host, digest: {FlowText.Quoted(file.Digest)}", file.Comment));
        }

        foreach (IGrouping<string, (VolumeFile File, string Target)> folder in brought.Where(p => p.File.Digest is not null && p.Target != path).GroupBy(p => p.Target[..p.Target.LastIndexOf('/')]).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            IEnumerable<string> files = folder.OrderBy(p => p.Target, StringComparer.Ordinal).Select(p => $"{FlowText.Of(p.Target[(p.Target.LastIndexOf('/') + 1)..])}: {FlowText.Quoted(p.File.Digest!)}");
            container.Mounts.Add(new(folder.Key, $"files: {{ {string.Join(", ", files)} }}", string.Join(", ", folder.Select(p => p.File.Comment).Distinct())));
        }
    }

    private static IEnumerable<(VolumeFile File, string Target)> Placed(IReadOnlyList<VolumeFile> all, string path, string subPath)
    {
        foreach (VolumeFile file in all)
        {
            if (subPath.Length == 0)
            {
                yield return (file, $"{(path == "/" ? "" : path)}/{file.Path}");
            }
            else if (file.Path == subPath)
            {
                yield return (file, path);
            }
            else if (file.Path.StartsWith(subPath + "/", StringComparison.Ordinal))
            {
                yield return (file, $"{path}/{file.Path[(subPath.Length + 1)..]}");
            }
        }
    }

    private bool IsPlace(YamlNode at, string path)
    {
        bool system = path is "/" or "/proc" or "/sys" or "/dev" || path.StartsWith("/proc/", StringComparison.Ordinal) || path.StartsWith("/sys/", StringComparison.Ordinal) || (path.StartsWith("/dev/", StringComparison.Ordinal) && path != "/dev/shm");
        if (system || !Pavise.Policy.Paths.IsPlainAbsolute(path))
        {
            context.Remarks.Refuse(at, $"nothing can be mounted at {path}");
            return false;
        }

        return true;
    }

    /// <summary>A part of a volume is a volume of its own: the policy language has no sub-paths.</summary>
    private string Writable(string name, string subPath, YamlNode at)
    {
        if (subPath.Length == 0)
        {
            return name;
        }

        context.Remarks.Warn("sub-path", at, $"the folder {subPath} of volume {name} becomes a volume of its own");
        string full = $"{name}-{string.Concat(subPath.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'))}".TrimEnd('-');
        return full.Length <= Pavise.Policy.PolicyLimits.NameChars ? full : full[..Pavise.Policy.PolicyLimits.NameChars].TrimEnd('-');
    }

    private static Dictionary<string, YamlNode> Volumes(Workload workload)
    {
        Dictionary<string, YamlNode> volumes = new(StringComparer.Ordinal);
        foreach (YamlNode volume in workload.Spec.List("volumes"))
        {
            volumes[volume.RequiredText("name")] = volume;
        }

        foreach (YamlNode claim in workload.Kind == "StatefulSet" ? workload.Object.At("spec")?.List("volumeClaimTemplates") ?? [] : [])
        {
            YamlNode volume = new(claim.File, claim.Line, claim.Column, YamlKind.Mapping);
            volume.Members.Add(new("claim", claim));
            volumes[claim.Required("metadata").RequiredText("name")] = volume;
        }

        return volumes;
    }
}
