using System.Globalization;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Containers;

/// <summary>
/// A container's root: the image itself; or the image under a layer of mount points, all read-only; or the image under a writable layer in
/// guest memory of limited size.
/// </summary>
internal sealed class RootFileSystem : IDisposable
{
    private readonly Stack<string> mounted = new();

    private RootFileSystem(string path) => Path = path;

    /// <summary>Where the root is mounted.</summary>
    public string Path { get; private set; }

    /// <summary>Prepares the root of a blueprint below the container's folder.</summary>
    /// <param name="blueprint">The container.</param>
    /// <param name="image">Where its image is mounted.</param>
    /// <param name="folder">The container's own folder.</param>
    /// <param name="overlayReady">Completes when the kernel has the overlay file system.</param>
    public static async Task<RootFileSystem> PrepareAsync(Blueprint blueprint, string image, string folder, Func<Task> overlayReady)
    {
        RootFileSystem root = new(image);
        try
        {
            if (!blueprint.RootReadOnly)
            {
                await overlayReady();
                root.MakeWritable(image, folder, blueprint.OverlayBytes);
            }
            else if (MountPoints.FindMissing(image, blueprint.Mounts) is { Count: > 0 } missing)
            {
                await overlayReady();
                string layer = System.IO.Path.Combine(folder, "mount-points");
                Directory.CreateDirectory(layer);
                MountPoints.Make(image, layer, missing);
                root.MountOverlay(folder, MountFlags.ReadOnly | MountFlags.NoDev, $"lowerdir={layer}:{image}");
            }

            return root;
        }
        catch
        {
            root.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        while (mounted.TryPop(out string? path))
        {
            LinuxMounts.Detach(path);
        }
    }

    private void MakeWritable(string image, string folder, ulong bytes)
    {
        string writable = System.IO.Path.Combine(folder, "writable");
        Directory.CreateDirectory(writable);
        LinuxMounts.Mount("tmpfs", writable, "tmpfs", MountFlags.NoDev, bytes == 0 ? "mode=0755" : string.Create(CultureInfo.InvariantCulture, $"mode=0755,size={bytes}"));
        mounted.Push(writable);
        Directory.CreateDirectory($"{writable}/upper");
        Directory.CreateDirectory($"{writable}/work");
        FileStatus status = LinuxFiles.Status(image) ?? throw new DirectoryNotFoundException(image);
        LinuxFiles.SetOwnerAndMode($"{writable}/upper", status.Uid, status.Gid, status.Mode);
        MountOverlay(folder, MountFlags.NoDev, $"lowerdir={image},upperdir={writable}/upper,workdir={writable}/work");
    }

    private void MountOverlay(string folder, MountFlags flags, string options)
    {
        string root = System.IO.Path.Combine(folder, "root");
        Directory.CreateDirectory(root);
        LinuxMounts.Mount("overlay", root, "overlay", flags, options);
        mounted.Push(root);
        Path = root;
    }
}
