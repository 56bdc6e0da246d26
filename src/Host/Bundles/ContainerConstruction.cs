using Google.Protobuf;
using Pavise.Boundary.GuestApi;
using Pavise.Host.ImageCache;
using Pavise.Host.Visor;

namespace Pavise.Host.Bundles;

/// <summary>Has a container constructed inside a running pVM: root image plugged and attached, the raw specification handed over, files brought, volumes attached.</summary>
internal static class ContainerConstruction
{
    /// <summary>Annotation by which Kubernetes' CRI names a container within its pod.</summary>
    public const string NameAnnotation = "io.kubernetes.cri.container-name";

    /// <summary>Constructs it up to, but without, its start. When this fails the guest keeps nothing of the container.</summary>
    /// <param name="sandbox">The pVM.</param>
    /// <param name="guest">A connection to its guest.</param>
    /// <param name="id">The container's id; never used before in this pVM.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="image">Its root image.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>Which streams the host may open.</returns>
    /// <exception cref="HostException">Something on the host is missing.</exception>
    /// <exception cref="Boundary.Ttrpc.TtrpcException">The guest refused.</exception>
    public static async Task<Stdio> ConstructAsync(ISandbox sandbox, GuestClient guest, string id, BundleConfig config, CachedImage image, CancellationToken cancellation)
    {
        uint slot = await sandbox.PlugImageAsync(image.Path, cancellation);
        ByteString root = ByteString.CopyFrom(image.RootHash.Span);
        await guest.AttachImageAsync(new AttachImageRequest { Slot = slot, RootHash = root, DataBlocks = image.DataBlocks }, cancellation);
        CreateContainerResponse created = await guest.CreateContainerAsync(new CreateContainerRequest
        {
            ContainerId = id,
            Name = config.Annotations.GetValueOrDefault(NameAnnotation, ""),
            Spec = ByteString.CopyFrom(config.Raw),
            RootHash = root,
        }, cancellation);
        try
        {
            await HostFiles.PutAsync(guest, id, config, created.Wanted, cancellation);
            await HostFolders.ShareAsync(sandbox, config, created.Folders, cancellation);
            await HostVolumes.AttachAsync(sandbox, guest, id, config, created.Volumes, cancellation);
        }
        catch
        {
            // The id is spent, but the place is free again.
            await guest.DeleteContainerAsync(new DeleteContainerRequest { ContainerId = id, Force = true }, CancellationToken.None).ContinueWith(_ => { }, TaskScheduler.Default);
            throw;
        }

        return created.Stdio;
    }
}
