using Pavise.Cri.Streaming;
using Pavise.Cri.V1;

namespace Pavise.Cri.Kubelet;

/// <summary>
/// <c>kubectl exec -it</c> and <c>kubectl attach</c>, by the runtime's streaming server. There is no PortForward: until host calls
/// exist a pVM has no network beyond its own loopback, so there is no port that the host could reach.
/// </summary>
public sealed partial class Pod
{
    /// <summary>Starts a program and connects to it.</summary>
    public async Task<RemoteProcess> ExecStreamAsync(string container, bool stdin, bool terminal, params string[] command)
    {
        ExecRequest request = new() { ContainerId = (await ContainerAsync(container)).Id, Stdin = stdin, Stdout = true, Stderr = !terminal, Tty = terminal };
        request.Cmd.Add(command);
        return await RemoteProcess.ConnectAsync((await Runtime.ExecAsync(request)).Url);
    }

    /// <summary>Connects to the container's own process.</summary>
    public async Task<RemoteProcess> AttachAsync(string container, bool stdin, bool terminal)
    {
        AttachRequest request = new() { ContainerId = (await ContainerAsync(container)).Id, Stdin = stdin, Stdout = true, Stderr = !terminal, Tty = terminal };
        return await RemoteProcess.ConnectAsync((await Runtime.AttachAsync(request)).Url);
    }
}
