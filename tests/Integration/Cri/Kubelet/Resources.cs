using k8s.Models;
using Pavise.Cri.V1;

namespace Pavise.Cri.Kubelet;

/// <summary>Requests and limits in the numbers that runtimes take, and the pod's quality of service.</summary>
public static class Resources
{
    private const long PeriodMicroseconds = 100_000, MinimumQuotaMicroseconds = 1000;

    /// <summary>Of one container.</summary>
    public static LinuxContainerResources Of(V1Pod pod, V1Container container)
    {
        decimal? cpu = Quantity(container.Resources.Requests, "cpu"), cpuLimit = Quantity(container.Resources.Limits, "cpu");
        return new()
        {
            CpuShares = Math.Clamp((long)((cpu ?? 0) * 1024), 2, 262144),
            CpuPeriod = cpuLimit is null ? 0 : PeriodMicroseconds,
            CpuQuota = cpuLimit is null ? 0 : Math.Max((long)(cpuLimit * PeriodMicroseconds), MinimumQuotaMicroseconds),
            MemoryLimitInBytes = (long)(Quantity(container.Resources.Limits, "memory") ?? 0),
            OomScoreAdj = OomScore(pod, container),
        };
    }

    /// <summary><c>Guaranteed</c>, <c>Burstable</c> or <c>BestEffort</c>.</summary>
    public static string QualityOfService(V1Pod pod)
    {
        V1Container[] all = [.. pod.Spec.InitContainers, .. pod.Spec.Containers];
        if (all.All(c => c.Resources.Limits.Count == 0 && c.Resources.Requests.Count == 0))
        {
            return "BestEffort";
        }

        bool guaranteed = all.All(c => new[] { "cpu", "memory" }.All(r => Quantity(c.Resources.Limits, r) is decimal limit && limit == Quantity(c.Resources.Requests, r)));
        return guaranteed ? "Guaranteed" : "Burstable";
    }

    private static long OomScore(V1Pod pod, V1Container container) => QualityOfService(pod) switch
    {
        "Guaranteed" => -997,
        "BestEffort" => 1000,
        _ => Math.Clamp(1000 - (long)(1000 * (Quantity(container.Resources.Requests, "memory") ?? 0) / NodeFacts.MemoryBytes), 3, 999),
    };

    private static decimal? Quantity(IDictionary<string, ResourceQuantity> from, string name) => from.TryGetValue(name, out ResourceQuantity? quantity) ? quantity.ToDecimal() : null;
}
