using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Bundles;
using Pavise.Host.Configuration;
using Pavise.Host.ImageCache;
using Pavise.Host.Shim.CommandLine;
using Pavise.Host.Shim.Logging;
using Pavise.Host.Shim.Protos;
using Pavise.Host.Shim.Sandboxes;
using Pavise.Host.Shim.Streams;
using Pavise.Host.Visor;

namespace Pavise.Host.Shim.Tasks;

/// <summary>Makes tasks: pVMs for sandboxes and for containers that stand alone, and containers in them. What fails leaves nothing behind.</summary>
internal sealed class TaskMaker(ShimArguments arguments, Surroundings surroundings, ShimLog log, TimeProvider time)
{
    /// <summary>containerd's namespace.</summary>
    public string Namespace => arguments.Namespace;

    /// <summary>Makes a task up to, but without, its start.</summary>
    /// <param name="request">What containerd asks for.</param>
    /// <param name="podOf">Finds the sandbox task of a pod.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="HostException">Something on the host is missing or does not fit.</exception>
    /// <exception cref="TtrpcException">The guest refused.</exception>
    public async Task<ContainerTask> CreateAsync(CreateTaskRequest request, Func<string, ContainerTask?> podOf, CancellationToken cancellation)
    {
        BundleConfig config = BundleConfig.Read(request.Bundle);
        StdioPaths stdio = new(request.Stdin, request.Stdout, request.Stderr, request.Terminal);
        Outputs.Check(stdio);
        HostConfiguration configuration = surroundings.Configuration(RuntimeOptions.ConfigurationPath(request.Options));
        PodMembership place = PodMembership.Of(request.Id, config);
        return place.Role switch
        {
            PodRole.Sandbox => await SandboxAsync(request.Id, config, configuration, stdio, cancellation),
            PodRole.Member => await MemberAsync(request, config, configuration, stdio, place.SandboxId, podOf, cancellation),
            _ => await AloneAsync(request, config, configuration, stdio, cancellation),
        };
    }

    private async Task<ContainerTask> SandboxAsync(string id, BundleConfig config, HostConfiguration configuration, StdioPaths stdio, CancellationToken cancellation)
    {
        Pvm pvm = await LaunchAsync(id, config, configuration, cancellation);
        try
        {
            await pvm.Guest.ConfigureSandboxAsync(new ConfigureSandboxRequest { Hostname = config.Hostname }, cancellation);
            // No process writes to them: their readers see the end with the sandbox's.
            ProcessStreams streams = await ProcessStreams.OpenAsync(stdio, arguments.Namespace, id, time);
            return Made(id, config, PodRole.Sandbox, stdio, pvm, streams);
        }
        catch
        {
            await pvm.StopAsync(TimeSpan.Zero);
            throw;
        }
    }

    private async Task<ContainerTask> MemberAsync(CreateTaskRequest request, BundleConfig config, HostConfiguration configuration, StdioPaths stdio, string pod, Func<string, ContainerTask?> podOf, CancellationToken cancellation)
    {
        ContainerTask sandbox = podOf(pod) ?? throw new TtrpcException(TtrpcStatus.FailedPrecondition, $"the sandbox '{pod}' of container {request.Id} is not in this shim");
        CachedImage image = await ImageAsync(request, config, configuration, cancellation);
        return await ConstructAsync(request, config, PodRole.Member, stdio, sandbox.Pvm, image, cancellation);
    }

    private async Task<ContainerTask> AloneAsync(CreateTaskRequest request, BundleConfig config, HostConfiguration configuration, StdioPaths stdio, CancellationToken cancellation)
    {
        Task<CachedImage> image = Task.Run(() => ImageAsync(request, config, configuration, cancellation), cancellation);
        Pvm pvm;
        try
        {
            pvm = await LaunchAsync(request.Id, config, configuration, cancellation);
        }
        catch
        {
            // Nobody else will look at the other half's failure.
            _ = image.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw;
        }

        try
        {
            return await ConstructAsync(request, config, PodRole.Alone, stdio, pvm, await image, cancellation);
        }
        catch
        {
            await pvm.StopAsync(TimeSpan.Zero);
            throw;
        }
    }

    private async Task<ContainerTask> ConstructAsync(CreateTaskRequest request, BundleConfig config, PodRole role, StdioPaths stdio, Pvm pvm, CachedImage image, CancellationToken cancellation)
    {
        log.Debug($"{request.Id}: pVM and image are ready");
        Stdio offered = await ContainerConstruction.ConstructAsync(pvm.Sandbox, pvm.Guest, request.Id, config, image, cancellation);
        ProcessStreams? streams = null;
        try
        {
            streams = await ProcessStreams.OpenAsync(stdio, arguments.Namespace, request.Id, time);
            await streams.ConnectOutputAsync(pvm, request.Id, "", offered, cancellation);
            ContainerTask task = Made(request.Id, config, role, stdio, pvm, streams);
            task.Init.TakesInput = offered.Stdin;
            return task;
        }
        catch
        {
            streams?.Dispose();
            await pvm.ForgetAsync(request.Id);
            throw;
        }
    }

    private async Task<CachedImage> ImageAsync(CreateTaskRequest request, BundleConfig config, HostConfiguration configuration, CancellationToken cancellation)
    {
        RootSource source = request.Rootfs.Count > 0
            ? RootSource.FromMounts([.. request.Rootfs.Select(m => new SnapshotMount(m.Type, m.Source, [.. m.Options]))])
            : RootSource.FromDirectory(config.RootPath);
        return await surroundings.Image(configuration, source, cancellation);
    }

    private async Task<Pvm> LaunchAsync(string id, BundleConfig config, HostConfiguration configuration, CancellationToken cancellation)
    {
        byte[] policy = configuration.Unshielded ? [] : PolicySource.Find(config, configuration);
        string directory = Path.Combine(surroundings.Sandboxes, ShimIdentity.SandboxName(arguments, id));
        await SandboxLeftovers.RemoveAsync(directory);
        Directory.CreateDirectory(surroundings.Sandboxes);
        log.Debug($"{id}: launching a pVM");
        ISandbox sandbox = await surroundings.Launch(new LaunchOptions
        {
            Directory = directory,
            Configuration = configuration,
            Policy = policy,
            Network = config.Network,
            Unshielded = configuration.Unshielded,
            Warn = log.Warn,
        }, cancellation);
        try
        {
            return await Pvm.ConnectAsync(sandbox, log, cancellation);
        }
        catch
        {
            await sandbox.StopAsync(TimeSpan.Zero, CancellationToken.None);
            throw;
        }
    }

    private static ContainerTask Made(string id, BundleConfig config, PodRole role, StdioPaths stdio, Pvm pvm, ProcessStreams streams)
    {
        TaskProcess init = new(id, "", stdio) { Pid = pvm.Pid };
        init.SetStreams(streams);
        return new ContainerTask { Id = id, Bundle = config.Bundle, Role = role, Init = init, Pvm = pvm };
    }
}
