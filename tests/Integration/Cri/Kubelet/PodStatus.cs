using Pavise.Cri.V1;

namespace Pavise.Cri.Kubelet;

/// <summary>One entry of <c>kubectl describe</c>'s list of events.</summary>
public sealed record PodEvent(string Reason, string Message);

/// <summary>A pod's state in the words of the Kubernetes API.</summary>
/// <param name="Phase"><c>Pending</c>, <c>Running</c>, <c>Succeeded</c> or <c>Failed</c>.</param>
/// <param name="Containers">The newest attempt of each container that has one, by name.</param>
public sealed record PodStatus(string Phase, IReadOnlyDictionary<string, ContainerStatus> Containers)
{
    /// <summary>How often the container was started again.</summary>
    public uint Restarts(string container) => Containers[container].Metadata.Attempt;
}
