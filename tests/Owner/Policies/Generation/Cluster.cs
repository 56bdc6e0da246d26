using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Pavise.Cri.Kubelet;
using Pavise.Cri.V1;
using Pavise.Policy.Oci;
using YamlDotNet.Serialization;

namespace Pavise.Owner.Tests.Policies.Generation;

/// <summary>
/// What a cluster makes of a manifest, without the generator's help: the pod as a controller names it, the containers' configurations by the kubelet
/// of the integration tests, and the OCI configuration as containerd 1.6 composes it from them and from the image.
/// </summary>
internal sealed class Cluster
{
    private const string PodIp = "10.244.1.7";
    private static readonly string[] Default = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE"];
    private readonly PodManifest manifest;
    private readonly IReadOnlyDictionary<string, JsonObject> images;

    private Cluster(PodManifest manifest, IReadOnlyDictionary<string, JsonObject> images) => (this.manifest, this.images) = (manifest, images);

    public IEnumerable<V1Container> Containers => manifest.Pod.Spec.InitContainers.Concat(manifest.Pod.Spec.Containers);

    public static Cluster Of(ManifestFile file)
    {
        List<object> objects = [.. Documents(File.ReadAllText(file.Path)).SelectMany(t => KubernetesYaml.LoadAllFromString(t))];
        (string name, string? space, V1PodTemplateSpec? found) = objects.Select(Template).First(t => t.Template is not null);
        V1PodTemplateSpec template = found!;
        V1Pod pod = new() { ApiVersion = "v1", Kind = "Pod", Metadata = template.Metadata ?? new(), Spec = template.Spec };
        (pod.Metadata.Name, pod.Metadata.NamespaceProperty) = (name, space ?? "shop");
        foreach (V1StatefulSet set in objects.OfType<V1StatefulSet>())
        {
            pod.Spec.Volumes = [.. pod.Spec.Volumes ?? [], .. (set.Spec.VolumeClaimTemplates ?? []).Select(c => new V1Volume { Name = c.Metadata.Name, PersistentVolumeClaim = new() { ClaimName = c.Metadata.Name } })];
        }

        IEnumerable<object> beside = objects.Where(o => o is V1ConfigMap or V1Secret).Concat(Missing(pod, objects));
        return new(PodManifest.Parse(string.Join("\n---\n", beside.Append(pod).Select(o => KubernetesYaml.Serialize(o)))), file.Images.ToDictionary(i => i.Reference, i => i.Config));
    }

    /// <summary>The OCI configuration of a container.</summary>
    public OciSpec Spec(V1Container container)
    {
        JsonObject image = images[container.Image];
        ContainerConfig config = Config(container);
        LinuxContainerSecurityContext context = config.Linux.SecurityContext;
        string[] command = [.. config.Command], args = [.. config.Args];
        if (command.Length == 0)
        {
            command = Texts(image, "Entrypoint");
            args = args.Length == 0 ? Texts(image, "Cmd") : args;
        }

        (uint uid, uint gid) = TestImages.Lookup(context.RunAsUser is { } number ? $"{number.Value}" : context.RunAsUsername.Length > 0 ? context.RunAsUsername : "0");
        string[] capabilities = context.Capabilities.DropCapabilities.Contains("ALL") ? [] : [.. Default.Except(context.Capabilities.DropCapabilities.Select(d => $"CAP_{d}"))];
        ImmutableArray<string> set = [.. capabilities.Concat(context.Capabilities.AddCapabilities.Select(a => $"CAP_{a}")).Distinct()];
        return new()
        {
            Hostname = Hostname,
            Process = new()
            {
                Args = [.. command, .. args],
                Env = [.. Environment(image, config)],
                Cwd = config.WorkingDir.Length > 0 ? config.WorkingDir : (string?)image["WorkingDir"] ?? "/",
                Uid = uid,
                Gid = context.RunAsGroup is { } group ? (uint)group.Value : gid,
                Terminal = config.Tty,
                NoNewPrivileges = context.NoNewPrivs ? true : null,
                Capabilities = new(set, set, set, [], []),
                AdditionalGids = [.. context.SupplementalGroups.Select(g => (uint)g)],
                OomScoreAdj = config.Linux.Resources.OomScoreAdj,
            },
            Mounts = [.. (container.VolumeMounts ?? []).Select(m => Bind(m.MountPath)), Bind("/etc/hosts"), Bind("/etc/resolv.conf"), Bind("/dev/termination-log"), Bind("/etc/hostname")],
            Linux = OciLinux.None with
            {
                Resources = new() { MemoryLimit = config.Linux.Resources.MemoryLimitInBytes, CpuQuota = config.Linux.Resources.CpuQuota, CpuPeriod = (ulong)config.Linux.Resources.CpuPeriod, CpuShares = (ulong)config.Linux.Resources.CpuShares },
                Seccomp = OciSeccompOf("SCMP_ACT_ERRNO"),
            },
            Annotations = [KeyValuePair.Create("io.kubernetes.cri.container-name", container.Name)],
        };
    }

    /// <summary>The processes that a kubelet runs in a container: probes with the variables that the YAML writes, hooks as they stand.</summary>
    public IEnumerable<OciProcess> Execs(V1Container container)
    {
        OciProcess own = Spec(container).Process;
        Dictionary<string, string> written = (container.Env ?? []).Where(e => e.ValueFrom is null).ToDictionary(e => e.Name, e => e.Value ?? "");
        foreach (V1ExecAction action in new[] { container.StartupProbe?.Exec, container.LivenessProbe?.Exec, container.ReadinessProbe?.Exec }.OfType<V1ExecAction>())
        {
            yield return own with { Args = [.. action.Command.Select(c => Expansion.Expand(c, written))], Terminal = false };
        }

        foreach (V1ExecAction action in new[] { container.Lifecycle?.PostStart?.Exec, container.Lifecycle?.PreStop?.Exec }.OfType<V1ExecAction>())
        {
            yield return own with { Args = [.. action.Command], Terminal = false };
        }
    }

    private string Hostname => manifest.Pod.Spec.Hostname ?? manifest.Name;

    private ContainerConfig Config(V1Container container)
    {
        string user = ((string?)images[container.Image]["User"] ?? "").Split(':')[0];
        Image image = new() { Id = container.Image };
        if (long.TryParse(user, out long uid))
        {
            image.Uid = new() { Value = uid };
        }
        else
        {
            image.Username = user;
        }

        return ContainerConfigs.Of(manifest, container, 0, image, PodIp, []);
    }

    private IEnumerable<string> Environment(JsonObject image, ContainerConfig config)
    {
        Dictionary<string, string> all = [];
        foreach (string assignment in Texts(image, "Env").Append($"HOSTNAME={Hostname}").Concat(config.Tty ? ["TERM=xterm"] : Array.Empty<string>()).Concat(config.Envs.Select(e => $"{e.Key}={e.Value}")))
        {
            all[assignment[..assignment.IndexOf('=')]] = assignment;
        }

        return all.Values;
    }

    private static OciMount Bind(string destination) => new(destination, "bind", "/somewhere", ["rbind"], false);

    private static OciSeccomp OciSeccompOf(string action) => OciSpec.Parse(Encoding.UTF8.GetBytes($"{{\"linux\":{{\"seccomp\":{{\"defaultAction\":\"{action}\"}}}}}}")).Linux.Seccomp!;

    private static string[] Texts(JsonObject image, string key) => [.. (image[key] as JsonArray ?? []).Select(t => (string)t!)];

    private static (string Name, string? Namespace, V1PodTemplateSpec? Template) Template(object o) => o switch
    {
        V1Pod p => (p.Metadata.Name, p.Metadata.NamespaceProperty, new() { Metadata = p.Metadata, Spec = p.Spec }),
        V1Deployment d => ($"{d.Metadata.Name}-6f5d8c7b9-x2x7q", d.Metadata.NamespaceProperty, d.Spec.Template),
        V1StatefulSet s => ($"{s.Metadata.Name}-0", s.Metadata.NamespaceProperty, s.Spec.Template),
        V1DaemonSet s => ($"{s.Metadata.Name}-9k2lm", s.Metadata.NamespaceProperty, s.Spec.Template),
        V1ReplicaSet s => ($"{s.Metadata.Name}-9k2lm", s.Metadata.NamespaceProperty, s.Spec.Template),
        V1Job j => Job(j),
        V1CronJob c => ($"{c.Metadata.Name}-28712345-9k2lm", c.Metadata.NamespaceProperty, c.Spec.JobTemplate.Spec.Template),
        _ => ("", null, null),
    };

    private static (string, string?, V1PodTemplateSpec?) Job(V1Job job)
    {
        if (job.Spec.CompletionMode != "Indexed")
        {
            return ($"{job.Metadata.Name}-9k2lm", job.Metadata.NamespaceProperty, job.Spec.Template);
        }

        V1PodTemplateSpec template = job.Spec.Template;
        template.Metadata ??= new();
        template.Metadata.Annotations = new Dictionary<string, string> { ["batch.kubernetes.io/job-completion-index"] = "3" };
        template.Spec.Hostname = $"{job.Metadata.Name}-3";
        return ($"{job.Metadata.Name}-3-9k2lm", job.Metadata.NamespaceProperty, template);
    }

    /// <summary>Secrets that the cluster has and the owner did not give beside.</summary>
    private static IEnumerable<V1Secret> Missing(V1Pod pod, List<object> objects)
    {
        IEnumerable<V1SecretKeySelector> references = (pod.Spec.InitContainers ?? []).Concat(pod.Spec.Containers).SelectMany(c => c.Env ?? []).Select(e => e.ValueFrom?.SecretKeyRef).OfType<V1SecretKeySelector>().Where(r => r.Optional != true);
        foreach (IGrouping<string, V1SecretKeySelector> secret in references.Where(r => !objects.OfType<V1Secret>().Any(s => s.Metadata.Name == r.Name)).GroupBy(r => r.Name))
        {
            yield return new() { ApiVersion = "v1", Kind = "Secret", Metadata = new() { Name = secret.Key }, Data = secret.Select(s => s.Key).Distinct().ToDictionary(k => k, k => "known to the host"u8.ToArray()) };
        }
    }

    /// <summary>Documents as texts of their own, those of a List apart.</summary>
    private static IEnumerable<string> Documents(string yaml)
    {
        foreach (string text in yaml.Split("\n---\n"))
        {
            if (new DeserializerBuilder().Build().Deserialize<object>(text) is Dictionary<object, object> map && map.GetValueOrDefault("kind") is "List")
            {
                foreach (object item in (List<object>)map["items"])
                {
                    yield return new SerializerBuilder().JsonCompatible().Build().Serialize(item);
                }
            }
            else if (!text.Contains("kind: Service\n", StringComparison.Ordinal))
            {
                yield return text;
            }
        }
    }
}
