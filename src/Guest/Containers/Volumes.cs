using System.Collections.Immutable;
using System.Globalization;
using Pavise.Guest.Files;
using Pavise.Guest.Interop;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers;

/// <summary>
/// Volumes, shared by the pod's containers. One in memory is a tmpfs per name of the policy, made when first needed, gone with the pVM; the place of an encrypted one is empty until it is attached, that of a shared one
/// is not looked into until it is connected.
/// </summary>
internal sealed class Volumes(string folder, SharedVolumes? shared = null) : IDisposable
{
    private const uint SharedMode = 0x3FF;
    private readonly Dictionary<string, string> mounted = [];
    private readonly Lock gate = new();

    /// <summary>Per mount the volume's folder, or empty.</summary>
    public ImmutableArray<string> Sources(Blueprint blueprint, string image) =>
        [.. blueprint.Mounts.Select(m => m.Kind == MountKind.Volume ? Get(m, blueprint, image) : "")];

    /// <summary>Where an encrypted volume is mounted.</summary>
    public string PlaceOf(EncryptedVolumePlan volume) => Directory.CreateDirectory(Path.Combine(folder, Checked(volume.Name))).FullName;

    /// <summary>As the image's folder at the same place; if it has none, the process's own, open to the pod's other users like a Kubernetes emptyDir.</summary>
    /// <param name="path">The volume's root.</param>
    /// <param name="mount">The mount.</param>
    /// <param name="blueprint">The container for which it is made.</param>
    /// <param name="image">Its root image.</param>
    public static void SetOwner(string path, MountPlan mount, Blueprint blueprint, string image)
    {
        (string Path, bool Exists) place = MountPoints.Resolve(image, mount.Destination);
        FileStatus? status = place.Exists ? LinuxFiles.Status(Path.Combine(image, place.Path)) : null;
        if (status is { IsDirectory: true } like)
        {
            LinuxFiles.SetOwnerAndMode(path, like.Uid, like.Gid, mount.Mode ?? like.Mode);
        }
        else
        {
            LinuxFiles.SetOwnerAndMode(path, blueprint.User.Uid, blueprint.User.Gid, mount.Mode ?? SharedMode);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (string path in mounted.Values)
            {
                LinuxMounts.Detach(path);
            }

            mounted.Clear();
            shared?.Dispose();
        }
    }

    private string Get(MountPlan mount, Blueprint blueprint, string image)
    {
        if (mount.Encrypted is { } encrypted)
        {
            return PlaceOf(encrypted);
        }

        string name = Checked(mount.VolumeName);
        lock (gate)
        {
            if (mounted.TryGetValue(name, out string? path))
            {
                return path;
            }

            path = Path.Combine(folder, name);
            Directory.CreateDirectory(path);
            if (mount.IsShared)
            {
                // Not looked into from here on: who serves it may not wait for it.
                (shared ?? throw new InvalidDataException("this guest has no shared volumes")).Mount(name, path);
                return path;
            }

            LinuxMounts.Mount("tmpfs", path, "tmpfs", MountFlags.NoSuid | MountFlags.NoDev, mount.SizeBytes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"size={mount.SizeBytes}"));
            mounted.Add(name, path);
            SetOwner(path, mount, blueprint, image);
            return path;
        }
    }

    private static string Checked(string name) => name.Length > 0 && name is not ("." or "..") && !name.Contains('/') ? name : throw new InvalidDataException($"'{name}' is not a volume's name");
}
