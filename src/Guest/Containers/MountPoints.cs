using System.Collections.Immutable;
using Pavise.Guest.Interop;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers;

/// <summary>
/// Mount points that a read-only image lacks. The launcher would make them, and cannot there; so a second layer that holds nothing but
/// them is laid over the image, read-only as well.
/// </summary>
internal static class MountPoints
{
    private const int MostLinks = 40;
    private const uint FolderMode = 0x1ED;

    /// <summary>A path in the image that does not exist.</summary>
    /// <param name="Path">Below the root, links resolved, without a leading slash.</param>
    /// <param name="IsFile">Whether it is to be an empty file.</param>
    internal readonly record struct Missing(string Path, bool IsFile);

    /// <summary>What the image lacks. Destinations inside another mount are no concern of the image.</summary>
    public static List<Missing> FindMissing(string image, ImmutableArray<MountPlan> mounts)
    {
        List<Missing> missing = [];
        for (int i = 0; i < mounts.Length; i++)
        {
            string destination = mounts[i].Destination;
            bool inside = mounts.Take(i).Any(m => destination.StartsWith(m.Destination.TrimEnd('/') + '/', StringComparison.Ordinal));
            if (!inside && Resolve(image, destination) is { Exists: false } found)
            {
                missing.Add(new(found.Path, IsFile(mounts[i])));
            }
        }

        return missing;
    }

    /// <summary>Whether the mount is one file rather than a folder.</summary>
    public static bool IsFile(MountPlan mount) => mount is { Kind: MountKind.HostFiles, Files: [{ Name: "" }] } or { Kind: MountKind.Secret or MountKind.Network };

    /// <summary>Makes the missing ones below <paramref name="layer"/>. A folder that the image has keeps owner and permissions, which the upper layer would else hide.</summary>
    public static void Make(string image, string layer, IEnumerable<Missing> missing)
    {
        CopyStatus(image, layer);
        foreach (Missing point in missing)
        {
            string[] names = point.Path.Split('/');
            for (int depth = 1; depth <= names.Length; depth++)
            {
                string path = string.Join('/', names[..depth]);
                string made = Path.Combine(layer, path);
                if (depth == names.Length && point.IsFile)
                {
                    using FileStream file = File.Create(made);
                }
                else if (!Directory.Exists(made))
                {
                    Directory.CreateDirectory(made);
                    CopyStatus(Path.Combine(image, path), made);
                }
            }
        }
    }

    /// <summary>Resolves links as the kernel would with <paramref name="root"/> as its root.</summary>
    internal static (string Path, bool Exists) Resolve(string root, string destination)
    {
        Stack<string> pending = new(destination.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        List<string> done = [];
        bool exists = true;
        int links = 0;
        while (pending.TryPop(out string? name))
        {
            if (name is "." or "..")
            {
                done.RemoveRange(Math.Max(0, done.Count - (name.Length - 1)), Math.Min(done.Count, name.Length - 1));
                continue;
            }

            done.Add(name);
            string path = Path.Combine(root, string.Join('/', done));
            FileStatus? status = LinuxFiles.Status(path);
            exists = status is not null;
            if (status is not { IsLink: true })
            {
                continue;
            }

            if (++links > MostLinks)
            {
                throw new InvalidDataException($"too many symbolic links on the way to {destination}");
            }

            string target = new FileInfo(path).LinkTarget ?? "";
            done.RemoveAt(done.Count - 1);
            if (target.StartsWith('/'))
            {
                done.Clear();
            }

            foreach (string part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                pending.Push(part);
            }
        }

        return (string.Join('/', done), exists);
    }

    private static void CopyStatus(string from, string to)
    {
        FileStatus status = LinuxFiles.Status(from) ?? new FileStatus(0, FolderMode, 0, 0);
        LinuxFiles.SetOwnerAndMode(to, status.Uid, status.Gid, status.Mode);
    }
}
