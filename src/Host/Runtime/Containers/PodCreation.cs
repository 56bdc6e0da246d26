using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Bundles;
using Pavise.Host.Interop;
using Pavise.Host.Runtime.Commands;
using Pavise.Host.Runtime.Processes;
using Pavise.Host.Visor;

namespace Pavise.Host.Runtime.Containers;

/// <summary>The pVM that the containers of a pod share. It starts with the first of them, since only they carry the policy in podman's pods.</summary>
internal sealed class PodCreation : IDisposable
{
    private readonly Invocation _invocation;
    private readonly ContainerRecord _pod;
    private readonly SafeFileHandle _lock;

    private PodCreation(Invocation invocation, ContainerRecord pod, SafeFileHandle held) => (_invocation, _pod, _lock) = (invocation, pod, held);

    /// <summary>Takes the pod for oneself: its containers are created one after the other.</summary>
    /// <exception cref="HostException">The pod's own container was not created by this runtime.</exception>
    public static PodCreation Enter(Invocation invocation, string sandboxId)
    {
        ContainerRecord pod = invocation.Store.TryRead(sandboxId) is { IsPod: true } found ? found
            : throw new HostException($"the pod's container {sandboxId} is not known: it must be created by this runtime (with the same --root) before its members");
        SafeFileHandle held = NativeFileLock.OpenAndTake(Path.Combine(invocation.Store.Folder(sandboxId), "lock"));
        try
        {
            return new PodCreation(invocation, invocation.Store.TryRead(sandboxId) ?? pod, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The pod's running pVM, or null when it has to be started.</summary>
    /// <exception cref="HostException">It is bound to another policy, or ended.</exception>
    public async Task<ISandbox?> JoinAsync(BundleConfig config, CancellationToken cancellation)
    {
        if (_pod.PolicyDigest is not { } digest)
        {
            return null;
        }

        if (config.Annotations.ContainsKey(PolicySource.Annotation) && Digest(PolicySource.Find(config, _invocation.Surroundings.Configuration())) != digest)
        {
            throw new HostException("the pod's pVM runs under another policy; a policy does not change under a running pVM: create the pod anew");
        }

        ISandbox sandbox = _invocation.Surroundings.Open(_pod.Sandbox);
        SandboxStatus status = await sandbox.StatusAsync(cancellation);
        return status.Alive ? sandbox : throw new HostException($"the pod's pVM is gone ({status.Failure}); create the pod anew");
    }

    /// <summary>Notes that the pVM was started, for the other containers and for the process that stands for the pod.</summary>
    public void Launched(byte[] policy)
    {
        _invocation.Store.Write(_pod with { PolicyDigest = Digest(policy) });
        if (ContainerStatus.Of(_pod) != ContainerStatus.Stopped)
        {
            PauseProcess.Watch(_pod.Pid);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static string Digest(byte[] policy) => Convert.ToHexStringLower(SHA256.HashData(policy));
}
