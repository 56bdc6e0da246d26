using System.Text;
using Microsoft.Win32.SafeHandles;
using Pavise.Images.Interop;

namespace Pavise.Images.Sources;

/// <summary>An unpacked root folder. Sockets are left out: they mean nothing without their process.</summary>
internal sealed class DirectorySource(string path) : ImageSource
{
    private const int TypeMask = 0xF000, PermissionMask = 0xFFF;
    private readonly Dictionary<(uint, uint, ulong), ImageInode> linked = [];
    private int inodes;

    public override ImageInode ReadTree(CancellationToken cancellation)
    {
        using SafeFileHandle root = LinuxFiles.OpenRoot(path);
        return ReadDirectory(root, Encoding.UTF8.GetBytes(path.TrimEnd('/')), LinuxFiles.Status(root, []), LinuxFiles.Xattrs(root, []), 0, cancellation);
    }

    private ImageInode ReadDirectory(SafeFileHandle directory, byte[] where, FileStatus status, List<(byte[], byte[])> xattrs, int depth, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (depth > ImageLimits.Depth)
        {
            throw new ImageFormatException($"{Shown(where)}: directories are nested deeper than {ImageLimits.Depth}");
        }

        ImageInode inode = Keep(new ImageInode { Kind = FileKind.Directory, Permissions = Permissions(status), Uid = status.Uid, Gid = status.Gid }, xattrs, where);
        foreach (byte[] name in LinuxFiles.Names(directory))
        {
            if (Read(directory, name, [.. where, (byte)'/', .. name], depth, cancellation) is { } entry)
            {
                inode.Entries.Add(name, entry);
            }
        }

        return inode;
    }

    private ImageInode? Read(SafeFileHandle parent, byte[] name, byte[] where, int depth, CancellationToken cancellation)
    {
        FileStatus status = LinuxFiles.Status(parent, name);
        (uint, uint, ulong) key = (status.OnMajor, status.OnMinor, status.Inode);
        bool isDirectory = (status.Mode & TypeMask) == 0x4000;
        if (!isDirectory && status.LinkCount > 1 && linked.TryGetValue(key, out ImageInode? known))
        {
            return known;
        }

        List<(byte[], byte[])> xattrs = LinuxFiles.Xattrs(parent, name);
        if (isDirectory)
        {
            using SafeFileHandle directory = LinuxFiles.OpenDirectory(parent, name);
            return ReadDirectory(directory, where, status, xattrs, depth + 1, cancellation);
        }

        if (Leaf(parent, name, where, status) is not { } inode)
        {
            return null;
        }

        Keep(inode, xattrs, where);
        if (status.LinkCount > 1)
        {
            linked.Add(key, inode);
        }

        return inode;
    }

    private ImageInode? Leaf(SafeFileHandle parent, byte[] name, byte[] where, FileStatus status)
    {
        FileKind? kind = (status.Mode & TypeMask) switch
        {
            0x8000 => FileKind.Regular,
            0x2000 => FileKind.CharacterDevice,
            0x6000 => FileKind.BlockDevice,
            0x1000 => FileKind.Fifo,
            0xA000 => FileKind.SymbolicLink,
            _ => null,
        };
        return kind is null ? null : new ImageInode
        {
            Kind = kind.Value,
            Permissions = kind == FileKind.SymbolicLink ? (ushort)0x1FF : Permissions(status),
            Uid = status.Uid,
            Gid = status.Gid,
            MtimeSeconds = kind == FileKind.Regular ? status.MtimeSeconds : 0,
            Size = kind == FileKind.Regular ? status.Size : 0,
            Content = kind == FileKind.Regular && status.Size > 0 ? () => new FileStream(LinuxFiles.OpenFile(where), FileAccess.Read, bufferSize: 0) : null,
            Target = kind == FileKind.SymbolicLink ? LinuxFiles.ReadLink(parent, name) : [],
            Major = kind is FileKind.CharacterDevice or FileKind.BlockDevice ? status.DeviceMajor : 0,
            Minor = kind is FileKind.CharacterDevice or FileKind.BlockDevice ? status.DeviceMinor : 0,
        };
    }

    private ImageInode Keep(ImageInode inode, List<(byte[] Name, byte[] Value)> xattrs, byte[] where)
    {
        if (++inodes > ImageLimits.Inodes)
        {
            throw new ImageFormatException($"{Shown(where)}: more than {ImageLimits.Inodes} files");
        }

        foreach ((byte[] name, byte[] value) in xattrs.Where(x => XattrRules.IsKept(x.Name)))
        {
            inode.Xattrs[name] = value;
        }

        return inode;
    }

    private static string Shown(byte[] where) => Encoding.UTF8.GetString(where);

    private static ushort Permissions(FileStatus status) => (ushort)(status.Mode & PermissionMask);
}
