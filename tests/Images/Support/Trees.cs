using System.Text;
using CsCheck;

namespace Pavise.Images.Tests.Support;

/// <summary>Trees to build images from: in memory, with every kind of file.</summary>
internal static class Trees
{
    public static ImageInode File(byte[] content, ushort mode = 0x1A4, uint uid = 0, uint gid = 0, long mtime = 1_700_000_000) => new()
    {
        Kind = FileKind.Regular,
        Permissions = mode,
        Uid = uid,
        Gid = gid,
        MtimeSeconds = mtime,
        Size = (ulong)content.Length,
        Content = content.Length > 0 ? () => new MemoryStream(content) : null,
    };

    public static ImageInode Directory(params (string Name, ImageInode Inode)[] entries)
    {
        ImageInode directory = new() { Kind = FileKind.Directory, Permissions = 0x1ED, Uid = 0, Gid = 0 };
        foreach ((string name, ImageInode inode) in entries)
        {
            directory.Entries.Add(Encoding.UTF8.GetBytes(name), inode);
        }

        return directory;
    }

    public static ImageInode Link(string target) => new() { Kind = FileKind.SymbolicLink, Permissions = 0x1FF, Uid = 0, Gid = 0, Target = Encoding.UTF8.GetBytes(target) };

    public static ImageInode Device(FileKind kind, uint major, uint minor) => new() { Kind = kind, Permissions = 0x1B6, Uid = 0, Gid = 6, Major = major, Minor = minor };

    /// <summary>Random trees: names of all bytes and lengths, sizes around the block borders, links, devices, attributes, many entries.</summary>
    public static Gen<ImageInode> Any { get; } = Gen.Select(Gen.Int, Gen.Int[1, 60]).Select((seed, count) => Make(new Random(seed), count));

    private static ImageInode Make(Random random, int count)
    {
        ImageInode root = Directory();
        List<ImageInode> directories = [root];
        List<ImageInode> files = [];
        for (int i = 0; i < count; i++)
        {
            ImageInode parent = directories[random.Next(directories.Count)];
            ImageInode inode = random.Next(10) switch
            {
                < 3 => new() { Kind = FileKind.Directory, Permissions = (ushort)random.Next(0x1000), Uid = (uint)random.Next(), Gid = (uint)random.Next() },
                3 => Link(new string('x', random.Next(1, 4095))),
                4 => Device(FileKind.CharacterDevice, (uint)random.Next(4096), (uint)random.Next(1 << 20)),
                5 => new() { Kind = FileKind.Fifo, Permissions = 0x1A4, Uid = 1, Gid = 2 },
                6 when files.Count > 0 => files[random.Next(files.Count)],
                _ => File(Bytes(random, SizeOf(random)), (ushort)random.Next(0x1000), (uint)random.NextInt64(uint.MaxValue), 7, random.Next()),
            };
            if (random.Next(4) == 0)
            {
                inode.Xattrs["user.a"u8.ToArray()] = Bytes(random, random.Next(300));
                inode.Xattrs["security.capability"u8.ToArray()] = Bytes(random, 20);
            }

            if (parent.Entries.TryAdd(Name(random), inode))
            {
                (inode.Kind == FileKind.Directory ? directories : files).Add(inode);
            }
        }

        files.RemoveAll(f => f.Kind == FileKind.Directory);
        return root;
    }

    private static int SizeOf(Random random) => random.Next(8) switch { 0 => 0, 1 => 1, 2 => 2048, 3 => 2049, 4 => 4095, 5 => 4096, 6 => 4097, _ => random.Next(20_000) };

    private static byte[] Name(Random random)
    {
        byte[] name = Bytes(random, random.Next(1, random.Next(4) == 0 ? 255 : 20));
        for (int i = 0; i < name.Length; i++)
        {
            name[i] = name[i] is 0 or (byte)'/' ? (byte)'a' : name[i];
        }

        return name.AsSpan().SequenceEqual("."u8) || name.AsSpan().SequenceEqual(".."u8) ? [(byte)'b'] : name;
    }

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
