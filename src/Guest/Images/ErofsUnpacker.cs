#if PAVISE_DEVELOPMENT
using System.Text;
using Pavise.Guest.Interop;
using Pavise.Verity.Erofs;

namespace Pavise.Guest.Images;

/// <summary>
/// Unpacks a verified image into a folder, for process machines whose kernel has no erofs. Device nodes are left out, since the mount would not
/// honour them; names must be UTF-8.
/// </summary>
internal sealed class ErofsUnpacker
{
    /// <summary>Depth of directories: PATH_MAX / 2. It also ends a walk through directories that hold each other.</summary>
    private const int Depth = 2048;

    private readonly ErofsReader reader;
    private readonly Dictionary<ulong, string> linked = [];

    private ErofsUnpacker(ErofsReader reader) => this.reader = reader;

    /// <summary>Unpacks the image file into an existing empty folder.</summary>
    /// <exception cref="ErofsFormatException">The image is malformed.</exception>
    public static void Unpack(string image, string folder)
    {
        using FileStream stream = File.OpenRead(image);
        ErofsReader reader = new(stream);
        new ErofsUnpacker(reader).Directory(reader.Root, folder, 0);
    }

    private void Directory(ErofsInode inode, string path, int depth)
    {
        if (depth > Depth)
        {
            throw new ErofsFormatException($"directories are nested deeper than {Depth}");
        }

        foreach ((byte[] name, ErofsInode child) in reader.Entries(inode).ToList())
        {
            string target = Path.Combine(path, new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(name));
            if (child.Type == 0x4000)
            {
                System.IO.Directory.CreateDirectory(target);
                Directory(child, target, depth + 1);
            }
            else
            {
                Leaf(child, target);
            }
        }

        Finish(inode, path);
    }

    private void Leaf(ErofsInode inode, string path)
    {
        if (inode.LinkCount > 1 && linked.TryGetValue(inode.Nid, out string? known))
        {
            LinuxUnpack.Link(known, path);
            return;
        }

        switch (inode.Type)
        {
            case 0x8000:
                using (Stream content = reader.Open(inode))
                using (FileStream file = File.Create(path))
                {
                    content.CopyTo(file);
                }

                Finish(inode, path);
                File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddSeconds(inode.MtimeSeconds));
                break;
            case 0xA000:
                using (Stream content = reader.Open(inode))
                using (StreamReader text = new(content))
                {
                    File.CreateSymbolicLink(path, text.ReadToEnd());
                }

                LinuxUnpack.SetOwner(path, inode.Uid, inode.Gid);
                break;
            default:
                return;
        }

        linked.TryAdd(inode.Nid, path);
    }

    private static void Finish(ErofsInode inode, string path)
    {
        LinuxFiles.SetOwnerAndMode(path, inode.Uid, inode.Gid, (uint)(inode.Mode & 0xFFF));

        // After the owner: a change of owner drops file capabilities.
        foreach ((byte[] name, byte[] value) in inode.Xattrs)
        {
            LinuxUnpack.SetXattr(path, Encoding.ASCII.GetString(name), value);
        }
    }
}
#endif
