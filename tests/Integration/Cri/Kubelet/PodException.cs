namespace Pavise.Cri.Kubelet;

/// <summary>A pod or container that did not come up: the reason as <c>kubectl describe</c> shows it, and what the runtime said.</summary>
public sealed class PodException(string reason, string message) : Exception($"{reason}: {message}")
{
    /// <summary>One of kubelet's words, such as <c>CreateContainerError</c>.</summary>
    public string Reason { get; } = reason;

    /// <summary>A reference in the Pod that leads nowhere.</summary>
    internal static PodException Configuration(string message) => new("CreateContainerConfigError", message);
}
