using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Configuration;
using Pavise.Host.HostCalls.Network;
using Pavise.Host.ImageCache;
using Pavise.Host.Bundles;
using Pavise.Host.Runtime.Commands;
using Pavise.Host.Runtime.Processes;
using Pavise.Host.Visor;

namespace Pavise.Host.Runtime.Containers;

/// <summary>Creates a container: a pVM bound to its policy, the root image plugged, the container constructed by the guest.</summary>
internal sealed class ContainerLauncher(Invocation invocation)
{
    /// <summary>Creates it up to, but without, its host process.</summary>
    /// <returns>The record, not yet written, and what a host process needs.</returns>
    /// <exception cref="HostException">Something is missing or was refused; nothing is left over.</exception>
    public async Task<(ContainerRecord Record, ProcessTarget Target)> CreateAsync(string id, string bundle, string consoleSocket, CancellationToken cancellation)
    {
        BundleConfig config = BundleConfig.Read(bundle);
        PodMembership membership = PodMembership.Of(id, config);
        if (membership.Role == PodRole.Sandbox)
        {
            return CreatePod(id, config);
        }

        if (config.Terminal && consoleSocket.Length == 0)
        {
            throw new HostException("process.terminal is true: give --console-socket, or use run in the foreground");
        }

        HostConfiguration configuration = invocation.Surroundings.Configuration();
        configuration = configuration with { Policy = invocation.Global.Policy ?? configuration.Policy };
        using PodCreation? pod = membership.Role == PodRole.Member ? PodCreation.Enter(invocation, membership.SandboxId) : null;
        string directory = invocation.Store.SandboxFolder(pod is null ? id : membership.SandboxId);
        ISandbox? sandbox = pod is null ? null : await pod.JoinAsync(config, cancellation);
        byte[] policy = sandbox is not null || configuration.Unshielded ? [] : PolicySource.Find(config, configuration);
        bool launched = sandbox is null;
        invocation.Store.Reserve(id);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(directory)!);
            Task<CachedImage> image = Task.Run(() => invocation.Surroundings.Image(configuration, config.RootPath, cancellation), cancellation);
            sandbox ??= await LaunchAsync(directory, configuration, policy, NetworkOf(config, membership), image, cancellation);
            SandboxStatus status = await sandbox.StatusAsync(cancellation);
            Stdio stdio = await ConstructAsync(sandbox, id, config, await image, cancellation);
            if (launched)
            {
                pod?.Launched(policy);
            }

            ContainerRecord record = Record(id, config, directory) with
            {
                Machine = status.Machine,
                Shielded = status.Shielded,
                Terminal = stdio.Terminal,
                Pod = pod is null ? null : membership.SandboxId,
            };
            return (record, Target(id, "", directory, stdio, consoleSocket == ProcessOptions.CallersTerminal ? "" : consoleSocket) with { IsAlone = pod is null });
        }
        catch
        {
            await TryDiscardAsync(id, launched ? sandbox : null);
            throw;
        }
        finally
        {
            if (sandbox is not null)
            {
                await sandbox.DisposeAsync();
            }
        }
    }

    /// <summary>Ends what was created: the pVM, or the container in its pod's.</summary>
    public async Task DiscardAsync(ContainerRecord record)
    {
        if (record.Pod is null)
        {
            await DiscardAsync(record.Id);
            return;
        }

        await GuestCalls.WithGuestAsync(record, guest => guest.DeleteContainerAsync(new DeleteContainerRequest { ContainerId = record.Id, Force = true }, CancellationToken.None), CancellationToken.None);
        invocation.Store.Remove(record.Id);
    }

    /// <summary>Ends what there is of an id without a record.</summary>
    public async Task DiscardAsync(string id)
    {
        string directory = invocation.Store.SandboxFolder(id);
        await DiscardAsync(id, Directory.Exists(directory) ? Sandbox.Open(directory) : null);
    }

    /// <summary>Nothing runs for a pod itself: its pVM starts with its first container.</summary>
    private (ContainerRecord Record, ProcessTarget Target) CreatePod(string id, BundleConfig config)
    {
        invocation.Store.Reserve(id);
        string directory = invocation.Store.SandboxFolder(id);
        return (Record(id, config, directory) with { IsPod = true }, new ProcessTarget(id, "", directory, false, false, false, false, "") { IsPod = true });
    }

    private ContainerRecord Record(string id, BundleConfig config, string directory) => new()
    {
        Id = id,
        OciVersion = config.OciVersion,
        Bundle = config.Bundle,
        Sandbox = directory,
        Machine = "none",
        Shielded = true,
        Created = invocation.Time.GetUtcNow(),
        Terminal = false,
        Annotations = config.Annotations,
    };

    /// <summary>What a host process for a process of this container needs.</summary>
    public static ProcessTarget Target(string id, string execId, string sandbox, Stdio stdio, string consoleSocket) =>
        new(id, execId, sandbox, stdio.Stdin, stdio.Stdout, stdio.Stderr && !stdio.Terminal, stdio.Terminal, consoleSocket);

    /// <summary>A pod's network is that of its own bundle; a member's names a process of the pod, and there is none.</summary>
    private HostNetwork NetworkOf(BundleConfig config, PodMembership membership) =>
        membership.Role == PodRole.Member && invocation.Store.TryRead(membership.SandboxId) is { } pod && Directory.Exists(pod.Bundle)
            ? config.Network with { Namespace = BundleConfig.Read(pod.Bundle).Network.Namespace }
            : config.Network;

    private async Task<ISandbox> LaunchAsync(string directory, HostConfiguration configuration, byte[] policy, HostNetwork network, Task<CachedImage> image, CancellationToken cancellation)
    {
        try
        {
            return await invocation.Surroundings.Launch(new LaunchOptions
            {
                Directory = directory,
                Configuration = configuration,
                Policy = policy,
                Network = network,
                Unshielded = configuration.Unshielded,
                Warn = invocation.Log.Warn,
            }, cancellation);
        }
        catch
        {
            // Nobody else will look at the other half's failure.
            _ = image.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw;
        }
    }

    private static async Task<Stdio> ConstructAsync(ISandbox sandbox, string id, BundleConfig config, CachedImage image, CancellationToken cancellation)
    {
        await using GuestClient guest = new(new TtrpcClient(await sandbox.ConnectGuestAsync(BoundaryPorts.Control, cancellation)));
        return await ContainerConstruction.ConstructAsync(sandbox, guest, id, config, image, cancellation);
    }

    private async Task DiscardAsync(string id, ISandbox? sandbox)
    {
        try
        {
            if (sandbox is not null)
            {
                await sandbox.StopAsync(TimeSpan.Zero, CancellationToken.None);
            }
        }
        finally
        {
            invocation.Store.Remove(id);
        }
    }

    /// <summary>What goes wrong here must not hide why the creation failed.</summary>
    private async Task TryDiscardAsync(string id, ISandbox? sandbox)
    {
        try
        {
            await DiscardAsync(id, sandbox);
        }
        catch (Exception e) when (e is HostException or IOException or UnauthorizedAccessException or TtrpcException)
        {
            invocation.Log.Warn($"what was left of {id} could not be removed: {e.Message}");
        }
    }
}
