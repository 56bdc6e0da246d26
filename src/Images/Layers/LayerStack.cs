using System.Text;
using Pavise.Images.Tar;

namespace Pavise.Images.Layers;

/// <summary>
/// Applies layers, lowest first, as the OCI image specification says (layer.md): whiteouts hide what lies below, links among parents are
/// followed inside the root, directories merge.
/// </summary>
internal sealed class LayerStack
{
    private const int FollowedLinks = 40;
    private int inodes;

    /// <summary>The merged tree so far.</summary>
    public ImageInode Root { get; } = ImplicitDirectory();

    /// <summary>Applies one layer.</summary>
    /// <param name="name">How messages name the layer.</param>
    /// <param name="openArchive">Opens the uncompressed layer anew, seekable.</param>
    /// <param name="cancellation">Ends the work.</param>
    public void Apply(string name, Func<Stream> openArchive, CancellationToken cancellation)
    {
        try
        {
            List<(byte[][] Path, TarEntry Entry)> entries = ReadEntries(openArchive, cancellation);

            // Whiteouts speak of lower layers only, wherever they stand in this one.
            foreach ((byte[][] path, TarEntry entry) in entries)
            {
                if (IsWhiteout(path))
                {
                    Hide(path);
                }
            }

            foreach ((byte[][] path, TarEntry entry) in entries)
            {
                if (!IsWhiteout(path))
                {
                    Add(path, entry, openArchive);
                }
            }
        }
        catch (ImageFormatException e)
        {
            throw new ImageFormatException($"layer {name}: {e.Message}", e);
        }
    }

    private List<(byte[][] Path, TarEntry Entry)> ReadEntries(Func<Stream> openArchive, CancellationToken cancellation)
    {
        using Stream archive = openArchive();
        TarReader reader = new(archive);
        List<(byte[][], TarEntry)> entries = [];
        while (reader.Next() is { } entry)
        {
            cancellation.ThrowIfCancellationRequested();
            if (++inodes > ImageLimits.Inodes)
            {
                throw new ImageFormatException($"more than {ImageLimits.Inodes} files");
            }

            entries.Add((Split(entry.Name), entry));
        }

        return entries;
    }

    private static bool IsWhiteout(byte[][] path) => path.Length > 0 && path[^1].AsSpan().StartsWith(".wh."u8);

    private void Hide(byte[][] path)
    {
        if (Find(path[..^1]) is not { Kind: FileKind.Directory } directory)
        {
            return;
        }

        if (path[^1].AsSpan().SequenceEqual(".wh..wh..opq"u8))
        {
            directory.Entries.Clear();
        }
        else if (!path[^1].AsSpan().StartsWith(".wh..wh."u8))
        {
            directory.Entries.Remove(path[^1][4..]);
        }
    }

    private void Add(byte[][] path, TarEntry entry, Func<Stream> openArchive)
    {
        if (path.Length == 0)
        {
            return;
        }

        ImageInode parent = Parent(path);
        byte[] name = path[^1];
        ImageInode? existing = parent.Entries.GetValueOrDefault(name);
        if (entry.Type == '5' && existing is { Kind: FileKind.Directory })
        {
            (existing.Permissions, existing.Uid, existing.Gid) = (entry.Mode, entry.Uid, entry.Gid);
            existing.Xattrs.Clear();
            TakeXattrs(existing, entry);
            return;
        }

        if (entry.Type == '1')
        {
            byte[][] target = Split(entry.Target);
            parent.Entries[name] = Find(target, followLast: false) is { } linked && linked.Kind != FileKind.Directory
                ? linked
                : throw new ImageFormatException($"{Encoding.UTF8.GetString(entry.Name)}: the hard link's target {Encoding.UTF8.GetString(entry.Target)} does not exist or is a directory");
            return;
        }

        if (Make(entry, openArchive) is { } inode)
        {
            TakeXattrs(inode, entry);
            parent.Entries[name] = inode;
        }
    }

    private static ImageInode? Make(TarEntry entry, Func<Stream> openArchive)
    {
        FileKind? kind = entry.Type switch
        {
            '0' => FileKind.Regular,
            '2' => FileKind.SymbolicLink,
            '3' => FileKind.CharacterDevice,
            '4' => FileKind.BlockDevice,
            '5' => FileKind.Directory,
            '6' => FileKind.Fifo,
            _ => throw new ImageFormatException($"{Encoding.UTF8.GetString(entry.Name)}: file type '{entry.Type}' is unknown"),
        };
        if (kind == FileKind.SymbolicLink && entry.Target.Length is 0 or > ImageLimits.TargetBytes)
        {
            throw new ImageFormatException($"{Encoding.UTF8.GetString(entry.Name)}: a link target has 1 to {ImageLimits.TargetBytes} bytes");
        }

        return new ImageInode
        {
            Kind = kind.Value,
            Permissions = kind == FileKind.SymbolicLink ? (ushort)0x1FF : entry.Mode,
            Uid = entry.Uid,
            Gid = entry.Gid,
            MtimeSeconds = kind == FileKind.Regular ? entry.MtimeSeconds : 0,
            Size = kind == FileKind.Regular ? entry.Size : 0,
            Content = kind == FileKind.Regular && entry.Size > 0 ? () => new TarContent(openArchive, entry) : null,
            Target = kind == FileKind.SymbolicLink ? entry.Target : [],
            Major = entry.Major,
            Minor = entry.Minor,
        };
    }

    private static void TakeXattrs(ImageInode inode, TarEntry entry)
    {
        foreach ((byte[] name, byte[] value) in entry.Xattrs.Where(x => XattrRules.IsKept(x.Name) && x.Value.Length <= XattrRules.ValueBytes))
        {
            inode.Xattrs[name] = value;
        }
    }

    /// <summary>The directory that an entry goes into; missing ones are made, links among them are followed.</summary>
    private ImageInode Parent(byte[][] path)
    {
        List<ImageInode> trail = [Root];
        Queue<byte[]> left = new(path[..^1]);
        int links = 0;
        while (left.TryDequeue(out byte[]? part))
        {
            ImageInode at = trail[^1];
            if (part.AsSpan().SequenceEqual(".."u8))
            {
                if (trail.Count > 1)
                {
                    trail.RemoveAt(trail.Count - 1);
                }

                continue;
            }

            ImageInode? next = at.Entries.GetValueOrDefault(part);
            if (next is { Kind: FileKind.SymbolicLink })
            {
                if (++links > FollowedLinks)
                {
                    throw new ImageFormatException("a path leads through too many links");
                }

                left = new Queue<byte[]>(SplitTarget(next.Target).Concat(left));
                if (next.Target[0] == '/')
                {
                    trail.RemoveRange(1, trail.Count - 1);
                }

                continue;
            }

            if (next is not { Kind: FileKind.Directory })
            {
                at.Entries[part] = next = ImplicitDirectory();
            }

            trail.Add(next);
        }

        return trail[^1];
    }

    private ImageInode? Find(byte[][] path, bool followLast = true)
    {
        if (path.Length == 0)
        {
            return Root;
        }

        // Looking must make nothing, so the parents are first seen to exist.
        ImageInode? at = Root;
        List<ImageInode> trail = [Root];
        Queue<byte[]> left = new(path);
        int links = 0;
        while (left.TryDequeue(out byte[]? part))
        {
            if (part.AsSpan().SequenceEqual(".."u8))
            {
                if (trail.Count > 1)
                {
                    trail.RemoveAt(trail.Count - 1);
                }

                continue;
            }

            at = trail[^1].Kind == FileKind.Directory ? trail[^1].Entries.GetValueOrDefault(part) : null;
            if (at is null)
            {
                return null;
            }

            if (at.Kind == FileKind.SymbolicLink && (left.Count > 0 || followLast))
            {
                if (++links > FollowedLinks)
                {
                    return null;
                }

                left = new Queue<byte[]>(SplitTarget(at.Target).Concat(left));
                if (at.Target[0] == '/')
                {
                    trail.RemoveRange(1, trail.Count - 1);
                }

                continue;
            }

            trail.Add(at);
        }

        return trail[^1];
    }

    /// <summary>Parts of an entry's name. It must stay inside the root.</summary>
    private static byte[][] Split(byte[] name)
    {
        byte[][] parts = SplitTarget(name);
        if (parts.Length > ImageLimits.Depth || parts.Any(p => p.Length > ImageLimits.NameBytes || p.AsSpan().SequenceEqual(".."u8) || p.Contains((byte)0)))
        {
            throw new ImageFormatException($"the name '{Encoding.UTF8.GetString(name)}' leaves the root, or has a part that no file system takes");
        }

        return parts;
    }

    private static byte[][] SplitTarget(byte[] path)
    {
        List<byte[]> parts = [];
        foreach (Range range in path.AsSpan().Split((byte)'/'))
        {
            byte[] part = path[range];
            if (part.Length > 0 && !part.AsSpan().SequenceEqual("."u8))
            {
                parts.Add(part);
            }
        }

        return [.. parts];
    }

    private static ImageInode ImplicitDirectory() => new() { Kind = FileKind.Directory, Permissions = 0x1ED, Uid = 0, Gid = 0 };
}
