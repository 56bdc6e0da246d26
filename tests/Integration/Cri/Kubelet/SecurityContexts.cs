using k8s.Models;
using Pavise.Cri.V1;

namespace Pavise.Cri.Kubelet;

/// <summary>Security contexts of pod and container in the form of the runtime interface.</summary>
internal static class SecurityContexts
{
    private static readonly string[] Masked = ["/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"];
    private static readonly string[] ReadOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    public static NamespaceOption Namespaces(V1Pod pod) => new()
    {
        Network = pod.Spec.HostNetwork == true ? NamespaceMode.Node : NamespaceMode.Pod,
        Pid = pod.Spec.HostPID == true ? NamespaceMode.Node : pod.Spec.ShareProcessNamespace == true ? NamespaceMode.Pod : NamespaceMode.Container,
        Ipc = pod.Spec.HostIPC == true ? NamespaceMode.Node : NamespaceMode.Pod,
    };

    public static LinuxSandboxSecurityContext OfSandbox(V1Pod pod)
    {
        LinuxSandboxSecurityContext context = new()
        {
            NamespaceOptions = Namespaces(pod),
            RunAsUser = Number(pod.Spec.SecurityContext.RunAsUser),
            RunAsGroup = pod.Spec.SecurityContext.RunAsUser is null ? null : Number(pod.Spec.SecurityContext.RunAsGroup),
            Seccomp = new() { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
            Privileged = pod.Spec.Containers.Any(c => c.SecurityContext?.Privileged == true),
        };
        context.SupplementalGroups.Add(Groups(pod));
        return context;
    }

    /// <summary>What is not written comes from the pod, then from the image.</summary>
    public static LinuxContainerSecurityContext OfContainer(V1Pod pod, V1Container container, Image image)
    {
        V1SecurityContext own = container.SecurityContext ?? new();
        V1PodSecurityContext shared = pod.Spec.SecurityContext;
        long? user = own.RunAsUser ?? shared.RunAsUser ?? image.Uid?.Value;
        LinuxContainerSecurityContext context = new()
        {
            Privileged = own.Privileged == true,
            NamespaceOptions = Namespaces(pod),
            RunAsUser = Number(user),
            RunAsUsername = user is null ? image.Username : "",
            RunAsGroup = Number(own.RunAsGroup ?? shared.RunAsGroup),
            ReadonlyRootfs = own.ReadOnlyRootFilesystem == true,
            NoNewPrivs = own.AllowPrivilegeEscalation == false,
            Seccomp = Seccomp(own.SeccompProfile ?? shared.SeccompProfile),
            Capabilities = new(),
        };
        if ((own.RunAsNonRoot ?? shared.RunAsNonRoot) == true && user is null or 0)
        {
            throw PodException.Configuration($"container {container.Name} has runAsNonRoot and would run as root");
        }

        context.Capabilities.AddCapabilities.Add(own.Capabilities?.Add ?? []);
        context.Capabilities.DropCapabilities.Add(own.Capabilities?.Drop ?? []);
        context.SupplementalGroups.Add(Groups(pod));
        if (own.ProcMount is null or "Default" && !context.Privileged)
        {
            context.MaskedPaths.Add(Masked);
            context.ReadonlyPaths.Add(ReadOnly);
        }

        return context;
    }

    private static SecurityProfile Seccomp(V1SeccompProfile? profile) => new()
    {
        ProfileType = profile?.Type switch
        {
            "RuntimeDefault" => SecurityProfile.Types.ProfileType.RuntimeDefault,
            "Localhost" => SecurityProfile.Types.ProfileType.Localhost,
            _ => SecurityProfile.Types.ProfileType.Unconfined,
        },
        LocalhostRef = profile?.LocalhostProfile ?? "",
    };

    private static IEnumerable<long> Groups(V1Pod pod) =>
        (pod.Spec.SecurityContext.SupplementalGroups ?? []).Where(g => g.HasValue).Select(g => g!.Value).Concat(pod.Spec.SecurityContext.FsGroup is long group ? [group] : []);

    private static Int64Value? Number(long? value) => value is long number ? new() { Value = number } : null;
}
