using k8s.Models;
using Pavise.Cri.V1;

namespace Pavise.Cri.Kubelet;

/// <summary>The sandbox configuration of a pod.</summary>
internal static class SandboxConfigs
{
    public static PodSandboxConfig Of(PodManifest manifest, uint attempt, string logs, string cgroup)
    {
        V1Pod pod = manifest.Pod;
        PodSandboxConfig config = new()
        {
            Metadata = new() { Name = manifest.Name, Namespace = manifest.Namespace, Uid = manifest.Uid, Attempt = attempt },
            Hostname = pod.Spec.HostNetwork == true ? "" : pod.Spec.Hostname ?? manifest.Name,
            LogDirectory = logs,
            DnsConfig = Dns(manifest),
            Linux = new() { CgroupParent = cgroup, SecurityContext = SecurityContexts.OfSandbox(pod) },
        };
        config.Labels.Add(pod.Metadata.Labels);
        config.Labels.Add("io.kubernetes.pod.name", manifest.Name);
        config.Labels.Add("io.kubernetes.pod.namespace", manifest.Namespace);
        config.Labels.Add("io.kubernetes.pod.uid", manifest.Uid);
        config.Annotations.Add(pod.Metadata.Annotations);
        config.Annotations.Add("kubernetes.io/config.seen", DateTime.UtcNow.ToString("O"));
        config.Annotations.Add("kubernetes.io/config.source", "api");
        foreach (V1Sysctl sysctl in pod.Spec.SecurityContext.Sysctls ?? [])
        {
            config.Linux.Sysctls.Add(sysctl.Name, sysctl.Value);
        }

        return config;
    }

    private static DNSConfig Dns(PodManifest manifest)
    {
        DNSConfig dns = new();
        if (manifest.Pod.Spec.DnsPolicy == "ClusterFirst" && manifest.Pod.Spec.HostNetwork != true)
        {
            dns.Servers.Add(NodeFacts.NameServer);
            dns.Searches.Add([$"{manifest.Namespace}.svc.{NodeFacts.ClusterDomain}", $"svc.{NodeFacts.ClusterDomain}", NodeFacts.ClusterDomain]);
            dns.Options.Add("ndots:5");
        }

        dns.Servers.Add(manifest.Pod.Spec.DnsConfig?.Nameservers ?? []);
        dns.Searches.Add(manifest.Pod.Spec.DnsConfig?.Searches ?? []);
        return dns;
    }
}
