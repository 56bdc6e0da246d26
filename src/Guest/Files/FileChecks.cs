using Pavise.Boundary.HostCalls.Files;

namespace Pavise.Guest.Files;

/// <summary>The validators of the file host calls: what the host answered becomes a value that is used only here.</summary>
internal static class FileChecks
{
    private const uint PermissionMask = 0xFFF, KnownMask = FileFacts.TypeMask | PermissionMask;
    private const uint NanosecondsPerSecond = 1_000_000_000, MostLinks = int.MaxValue, NoId = uint.MaxValue;
    private const ulong SectorBytes = 512, MostBlocks = 1UL << 48;
    private const uint LeastBlockBytes = 512, MostBlockBytes = 1 << 20;

    /// <summary>Facts of a file that has a place in a volume: a known type, a size within the limit, times that are some.</summary>
    /// <exception cref="FileViolation">They cannot be.</exception>
    public static FileFacts Facts(FileFacts f) =>
        f.Type is not (FileFacts.Regular or FileFacts.Folder or FileFacts.Link or FileFacts.Pipe or FileFacts.Socket) || (f.Mode & ~KnownMask) != 0 ? throw new FileViolation($"a file of mode 0{Convert.ToString(f.Mode, 8)}")
        : f.Size > FileLimits.FileBytes || f.Blocks > (FileLimits.FileBytes / SectorBytes * 2) ? throw new FileViolation($"a file of {f.Size} bytes in {f.Blocks} blocks")
        : f.Type == FileFacts.Link && f.Size > FileLimits.LinkBytes ? throw new FileViolation($"a symbolic link of {f.Size} bytes")
        : f.Links > MostLinks || f.Uid == NoId || f.Gid == NoId || f.Inode == 0 ? throw new FileViolation("a file's links, owner or inode cannot be")
        : f.Accessed.Nanoseconds >= NanosecondsPerSecond || f.Modified.Nanoseconds >= NanosecondsPerSecond || f.Changed.Nanoseconds >= NanosecondsPerSecond ? throw new FileViolation("a file's time cannot be")
        : f;

    /// <summary>The same of a file that is known: type and identity never change.</summary>
    /// <exception cref="FileViolation">They did.</exception>
    public static FileFacts Same(FileFacts f, FileNode node)
    {
        Facts(f);
        return f.Type == node.Type && f.Device == node.Device && f.Inode == node.Inode ? f : throw new FileViolation($"a file (inode {node.Inode}, type {node.Type >> 12}) became another one (inode {f.Inode}, type {f.Type >> 12})");
    }

    /// <summary>The facts of something that was just made, of the type that was asked for.</summary>
    /// <exception cref="FileViolation">It is of another type.</exception>
    public static FileFacts Made(FileFacts f, uint type) => Facts(f).Type == type ? f : throw new FileViolation($"what was made has type {f.Type >> 12}, not {type >> 12}");

    /// <summary>Bytes that were read, or a value's: never more than asked for.</summary>
    /// <exception cref="FileViolation">There are more.</exception>
    public static int Length(int length, int asked) => length >= 0 && length <= asked ? length : throw new FileViolation($"{length} bytes where at most {asked} were asked for");

    /// <summary>Bytes that were written: all of them, or the application hears of an error.</summary>
    /// <exception cref="FileViolation">Fewer, or more.</exception>
    public static int Written(uint count, int asked) => count == (uint)asked ? asked : throw new FileViolation($"{count} bytes written of {asked}");

    /// <summary>Whether bytes are a link's text.</summary>
    /// <exception cref="FileViolation">They are not.</exception>
    public static void LinkText(ReadOnlySpan<byte> text)
    {
        if (!FileNames.IsLinkText(text))
        {
            throw new FileViolation($"a symbolic link's text of {text.Length} bytes, or with a NUL");
        }
    }

    /// <summary>An entry of a folder: a name that is one, a known type, a position that the kernel takes.</summary>
    /// <exception cref="FileViolation">It is none.</exception>
    public static void Entry(FolderEntry entry, ReadOnlySpan<byte> name)
    {
        bool isDots = name.SequenceEqual("."u8) || name.SequenceEqual(".."u8);
        if (!(FileNames.IsName(name) || isDots) || entry.Inode == 0 || entry.Next > long.MaxValue || entry.Type is not (0 or 1 or 2 or 4 or 6 or 8 or 10 or 12) || (isDots && entry.Type != 4))
        {
            throw new FileViolation("an entry of a folder that cannot be");
        }
    }

    /// <summary>Names of extended attributes: each known to be one that crosses, each ended.</summary>
    /// <exception cref="FileViolation">They are not.</exception>
    public static void AttributeNames(ReadOnlySpan<byte> names)
    {
        while (!names.IsEmpty)
        {
            int end = names.IndexOf((byte)0);
            if (end < 0 || !FileNames.IsAttribute(names[..end]))
            {
                throw new FileViolation("a list of extended attributes that cannot be");
            }

            names = names[(end + 1)..];
        }
    }

    /// <summary>Facts of a file system.</summary>
    /// <exception cref="FileViolation">They cannot be.</exception>
    public static FileSystemFacts FileSystem(FileSystemFacts f) =>
        f.BlockBytes is < LeastBlockBytes or > MostBlockBytes || !uint.IsPow2(f.BlockBytes) || f.Blocks > MostBlocks || f.Free > f.Blocks || f.Available > f.Free || f.Files > MostBlocks || f.FreeFiles > f.Files
            ? throw new FileViolation("a file system that cannot be") : f;
}
