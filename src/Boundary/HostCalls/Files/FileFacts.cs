namespace Pavise.Boundary.HostCalls.Files;

/// <summary>A moment as the kernel has it.</summary>
/// <param name="Seconds">Since 1970-01-01 UTC; negative before.</param>
/// <param name="Nanoseconds">0 to 999,999,999.</param>
public readonly record struct FileTime(long Seconds, uint Nanoseconds);

/// <summary>
/// What there is to know of a file: <c>device u64, inode u64, size u64, blocks u64, mode u32, links u32, uid u32, gid u32</c>, then accessed, modified, changed,
/// each <c>seconds i64, nanoseconds u32</c>. Device and inode together are its identity.
/// </summary>
public readonly record struct FileFacts(ulong Device, ulong Inode, ulong Size, ulong Blocks, uint Mode, uint Links, uint Uid, uint Gid, FileTime Accessed, FileTime Modified, FileTime Changed)
{
    /// <summary>Bytes of all fields.</summary>
    public const int Bytes = 84;

    /// <summary>S_IFMT of <see cref="Mode"/>.</summary>
    public const uint TypeMask = 0xF000;

    /// <summary>S_IFREG.</summary>
    public const uint Regular = 0x8000;

    /// <summary>S_IFDIR.</summary>
    public const uint Folder = 0x4000;

    /// <summary>S_IFLNK.</summary>
    public const uint Link = 0xA000;

    /// <summary>S_IFIFO.</summary>
    public const uint Pipe = 0x1000;

    /// <summary>S_IFSOCK.</summary>
    public const uint Socket = 0xC000;

    /// <summary>The type alone.</summary>
    public uint Type => Mode & TypeMask;

    /// <summary>Writes all fields.</summary>
    public void Write(ref FileBodyWriter body)
    {
        body.U64(Device);
        body.U64(Inode);
        body.U64(Size);
        body.U64(Blocks);
        body.U32(Mode);
        body.U32(Links);
        body.U32(Uid);
        body.U32(Gid);
        foreach (FileTime time in (ReadOnlySpan<FileTime>)[Accessed, Modified, Changed])
        {
            body.U64((ulong)time.Seconds);
            body.U32(time.Nanoseconds);
        }
    }

    /// <summary>Reads all fields; what they mean is not checked.</summary>
    /// <exception cref="InvalidDataException">The bytes end before.</exception>
    public static FileFacts Read(ref FileBodyReader body) => new(
        body.U64(), body.U64(), body.U64(), body.U64(), body.U32(), body.U32(), body.U32(), body.U32(),
        new((long)body.U64(), body.U32()), new((long)body.U64(), body.U32()), new((long)body.U64(), body.U32()));
}

/// <summary>What there is to know of a file system: <c>block size u32, blocks, free, available, files, free files u64</c>.</summary>
public readonly record struct FileSystemFacts(uint BlockBytes, ulong Blocks, ulong Free, ulong Available, ulong Files, ulong FreeFiles)
{
    /// <summary>Writes all fields.</summary>
    public void Write(ref FileBodyWriter body)
    {
        body.U32(BlockBytes);
        body.U64(Blocks);
        body.U64(Free);
        body.U64(Available);
        body.U64(Files);
        body.U64(FreeFiles);
    }

    /// <summary>Reads all fields; what they mean is not checked.</summary>
    /// <exception cref="InvalidDataException">The bytes end before.</exception>
    public static FileSystemFacts Read(ref FileBodyReader body) => new(body.U32(), body.U64(), body.U64(), body.U64(), body.U64(), body.U64());
}

/// <summary>An entry of a folder: <c>inode u64, position behind it u64, type u8 (S_IFMT shifted by 12), length of name u8, name</c>.</summary>
/// <param name="Inode">The inode, not 0.</param>
/// <param name="Next">Where reading goes on behind it.</param>
/// <param name="Type">4 folder, 8 regular, 10 link, 0 unknown, …</param>
public readonly record struct FolderEntry(ulong Inode, ulong Next, byte Type)
{
    /// <summary>Writes an entry with its name.</summary>
    public void Write(ref FileBodyWriter body, ReadOnlySpan<byte> name)
    {
        body.U64(Inode);
        body.U64(Next);
        body.U16(Type | (name.Length << 8));
        body.Bytes(name);
    }

    /// <summary>Reads an entry and its name; what they mean is not checked.</summary>
    /// <exception cref="InvalidDataException">The bytes end before.</exception>
    public static FolderEntry Read(ref FileBodyReader body, out ReadOnlySpan<byte> name)
    {
        ulong inode = body.U64(), next = body.U64();
        ushort both = body.U16();
        name = body.Take(both >> 8);
        return new(inode, next, (byte)both);
    }
}

/// <summary>What a file is to be changed to: <c>which u32 (as FUSE's FATTR_ bits), mode u32, uid u32, gid u32, size u64</c>, accessed and modified as in <see cref="FileFacts"/>.</summary>
public readonly record struct FileChange(uint Which, uint Mode, uint Uid, uint Gid, ulong Size, FileTime Accessed, FileTime Modified)
{
    /// <summary>Bits of <see cref="Which"/>.</summary>
    public const uint HasMode = 1, HasUid = 2, HasGid = 4, HasSize = 8, HasAccessed = 16, HasModified = 32, AccessedNow = 128, ModifiedNow = 256;

    /// <summary>Writes all fields.</summary>
    public void Write(ref FileBodyWriter body)
    {
        body.U32(Which);
        body.U32(Mode);
        body.U32(Uid);
        body.U32(Gid);
        body.U64(Size);
        body.U64((ulong)Accessed.Seconds);
        body.U32(Accessed.Nanoseconds);
        body.U64((ulong)Modified.Seconds);
        body.U32(Modified.Nanoseconds);
    }

    /// <summary>Reads all fields.</summary>
    /// <exception cref="InvalidDataException">The bytes end before.</exception>
    public static FileChange Read(ref FileBodyReader body) =>
        new(body.U32(), body.U32(), body.U32(), body.U32(), body.U64(), new((long)body.U64(), body.U32()), new((long)body.U64(), body.U32()));
}
