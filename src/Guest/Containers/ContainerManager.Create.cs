using System.Collections.Immutable;
using Pavise.Boundary.GuestApi;
using Pavise.Guest.Containers.Configuration;
using Pavise.Guest.Interop;
using Pavise.Guest.Network;
using Pavise.Guest.Secrets;

namespace Pavise.Guest.Containers;

/// <summary>Creation: everything a container needs before its first process, made or not made as a whole.</summary>
internal sealed partial class ContainerManager
{
    /// <summary>Prepares root, files, volumes, streams and configuration. The launcher runs at the start: one run of it costs less than two.</summary>
    public async Task<Container> CreateAsync(Blueprint blueprint)
    {
        if (containers.ContainsKey(blueprint.ContainerId))
        {
            throw Failures.Exists($"container {blueprint.ContainerId}");
        }

        if (blueprint.Mounts.Any(m => m.Encrypted is not null))
        {
            RequireMachine();
        }

        string image = ImageOf(blueprint);
        string name = $"{Interlocked.Increment(ref number)}";
        string own = Path.Combine(folder, name);
        RootFileSystem? root = null;
        try
        {
            Directory.CreateDirectory(own);
            HostFileStore files = new(blueprint.Mounts, Path.Combine(own, "files"), blueprint.OpenFile);
            root = await RootFileSystem.PrepareAsync(blueprint, image, own, overlayReady);
            ImmutableArray<string> secrets = SecretFiles.Write(blueprint.Mounts, blueprint.Secrets, blueprint.Released, Path.Combine(own, "secrets"));
            string[] sources = [.. volumes.Sources(blueprint, image).Zip(files.Sources, secrets).Select(s => string.Concat(s.First, s.Second, s.Third))
                .Zip(blueprint.Mounts).Select(s => s.Second.Kind == Policy.Plans.MountKind.Network ? NetworkFiles.SourceOf(networkFolder, s.Second) : s.First)];
            byte[] config = blueprint.Compose(new ContainerLayout(root.Path, cgroups.PathOf(name), cgroups.HasControllers, [.. sources]));
            await File.WriteAllBytesAsync(Path.Combine(own, "config.json"), config);
            Container container = new(blueprint, name, own, root, files, time);
            if (!containers.TryAdd(blueprint.ContainerId, container))
            {
                container.Init.Streams.Dispose();
                throw Failures.Exists($"container {blueprint.ContainerId}");
            }

            Events.Add(EventKind.Created, blueprint.ContainerId);
            return container;
        }
        catch (Exception e)
        {
            root?.Dispose();
            Directory.Delete(own, recursive: true);
            throw e is IOException or InvalidDataException or InvalidOperationException ? Failures.Internal($"the container could not be prepared: {e.Message}") : e;
        }
    }

    private string ImageOf(Blueprint blueprint)
    {
        try
        {
            return images.PathOf(blueprint.Root);
        }
        catch (KeyNotFoundException)
        {
            throw Failures.Precondition($"no image {blueprint.Root} is attached; attach it before creating the container");
        }
    }
}
