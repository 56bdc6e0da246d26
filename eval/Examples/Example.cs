using k8s;
using k8s.Models;

namespace Pavise.Eval.Examples;

/// <summary>One folder under examples/: YAML, options of the generator, and what is tried.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Workloads">The objects that make pods.</param>
/// <param name="Objects">ConfigMaps and Secrets.</param>
internal sealed record Example(string Folder, IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Workloads, IReadOnlyList<object> Objects)
{
    public string Name => Path.GetFileName(Folder);

    public string Yaml => Path.Combine(Folder, $"{Name}.yaml");

    /// <summary>Lines of a file without comments and empty ones; none where there is no such file.</summary>
    public IReadOnlyList<string> Lines(string file) =>
        File.Exists(Path.Combine(Folder, file)) ? [.. File.ReadLines(Path.Combine(Folder, file)).Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith('#'))] : [];

    public static Example Read(string folder)
    {
        folder = Path.GetFullPath(folder).TrimEnd('/');
        List<object> all = KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(folder, $"{Path.GetFileName(folder)}.yaml")));
        return new(folder, [.. all.OfType<IKubernetesObject<V1ObjectMeta>>().Where(o => Template(o) is not null)], [.. all.Where(o => o is V1ConfigMap or V1Secret)]);
    }

    public static V1PodTemplateSpec? Template(object o) => o switch
    {
        V1Pod p => new() { Metadata = p.Metadata, Spec = p.Spec },
        V1Deployment d => d.Spec.Template,
        V1StatefulSet s => s.Spec.Template,
        V1Job j => j.Spec.Template,
        _ => null,
    };

    /// <summary>The pod that a controller makes of an object of this example's YAML after its annotation.</summary>
    public string Pod(string annotated, IKubernetesObject<V1ObjectMeta> workload)
    {
        object found = KubernetesYaml.LoadAllFromString(annotated).First(o => o.GetType() == workload.GetType() && ((IKubernetesObject<V1ObjectMeta>)o).Metadata.Name == workload.Metadata.Name);
        V1PodTemplateSpec template = Template(found)!;
        V1Pod pod = new() { ApiVersion = "v1", Kind = "Pod", Metadata = template.Metadata ?? new(), Spec = template.Spec };
        pod.Metadata.Name = workload switch { V1StatefulSet => $"{workload.Metadata.Name}-0", V1Deployment => $"{workload.Metadata.Name}-6f5d8c7b9-x2x7q", V1Job => $"{workload.Metadata.Name}-x2x7q", _ => workload.Metadata.Name };
        foreach (V1PersistentVolumeClaim claim in (found as V1StatefulSet)?.Spec.VolumeClaimTemplates ?? [])
        {
            // On this node a claim is a folder; within the pVM it is what the policy makes of it.
            pod.Spec.Volumes = [.. pod.Spec.Volumes ?? [], new() { Name = claim.Metadata.Name, EmptyDir = new() }];
        }

        return string.Join("\n---\n", Objects.Append(pod).Select(o => KubernetesYaml.Serialize(o)));
    }
}
