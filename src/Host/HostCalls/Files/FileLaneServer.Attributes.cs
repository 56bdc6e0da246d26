using System.Buffers.Binary;
using Pavise.Boundary.HostCalls.Files;
using Pavise.Host.Interop;
using FileFacts = Pavise.Boundary.HostCalls.Files.FileFacts;

namespace Pavise.Host.HostCalls.Files;

/// <summary>Attributes of files and of the file system; extended attributes.</summary>
internal sealed partial class FileLaneServer
{
    private const long TimeNow = (1L << 30) - 1, TimeOmit = (1L << 30) - 2;

    private int Change(ref FileBodyReader r)
    {
        FilePlace place = Place(r.U64());
        ulong handle = r.U64();
        FileChange c = FileChange.Read(ref r);
        string path = place.Path;
        int errno = ChangeOwner(place, c);
        errno = errno < 0 || !Has(c, FileChange.HasMode) ? errno : place.Type == FileFacts.Link ? -FileErrors.Invalid : VolumeFolder.ChangeMode(path, c.Mode & 0xFFF);
        errno = errno < 0 || !Has(c, FileChange.HasSize) ? errno : ChangeSize(place, path, handle, c.Size);
        errno = errno < 0 || !Has(c, FileChange.HasAccessed | FileChange.HasModified) ? errno : VolumeFolder.ChangeTimes(path, Times(c));
        return errno < 0 ? errno : StatOf(place);
    }

    private static int ChangeOwner(FilePlace place, in FileChange c) => Has(c, FileChange.HasUid | FileChange.HasGid)
        ? VolumeFolder.ChangeOwner(place.Descriptor, Has(c, FileChange.HasUid) ? c.Uid : LeaveAsIs, Has(c, FileChange.HasGid) ? c.Gid : LeaveAsIs) : 0;

    private int ChangeSize(FilePlace place, string path, ulong handle, ulong size) =>
        place.Type != FileFacts.Regular || size > FileLimits.FileBytes ? -FileErrors.Invalid
        : handle != 0 ? VolumeFolder.Truncate(Handle(handle, isFolder: false).Descriptor, (long)size)
        : VolumeFolder.Truncate(path, (long)size);

    private static long[] Times(in FileChange c) =>
    [
        c.Accessed.Seconds, Has(c, FileChange.AccessedNow) ? TimeNow : Has(c, FileChange.HasAccessed) ? c.Accessed.Nanoseconds : TimeOmit,
        c.Modified.Seconds, Has(c, FileChange.ModifiedNow) ? TimeNow : Has(c, FileChange.HasModified) ? c.Modified.Nanoseconds : TimeOmit,
    ];

    private static bool Has(in FileChange c, uint bits) => (c.Which & bits) != 0;

    /// <summary>struct statfs.</summary>
    private int StatFileSystem()
    {
        int errno = VolumeFolder.StatFileSystem(Place(1).Descriptor, _stat);
        if (errno < 0)
        {
            return errno;
        }

        ReadOnlySpan<byte> s = _stat;
        ulong fragment = BinaryPrimitives.ReadUInt64LittleEndian(s[72..]), blocks = BinaryPrimitives.ReadUInt64LittleEndian(s[16..]), files = BinaryPrimitives.ReadUInt64LittleEndian(s[40..]);
        ulong free = Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(s[24..]), blocks);
        FileSystemFacts facts = new(
            (uint)(fragment > 0 ? fragment : BinaryPrimitives.ReadUInt64LittleEndian(s[8..])),
            blocks,
            free,
            Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(s[32..]), free),
            files,
            Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(s[48..]), files));
        FileBodyWriter w = Answer();
        facts.Write(ref w);
        return w.Length;
    }

    private int GetXattr(ref FileBodyReader r)
    {
        FilePlace place = Place(r.U64());
        int asked = (int)Math.Min(r.U32(), FileLimits.XattrBytes);
        byte[] name = Attribute(r.Rest());
        string path = place.Path;
        return HasAttributes(place) ? VolumeFolder.GetXattr(path, name, _out.AsSpan(Header, asked)) : -FileErrors.NoData;
    }

    private int SetXattr(ref FileBodyReader r)
    {
        FilePlace place = Place(r.U64());
        int flags = (int)r.U32();
        byte[] name = Attribute(r.Counted());
        string path = place.Path;
        return HasAttributes(place) ? VolumeFolder.SetXattr(path, name, r.Rest(), flags) : -FileErrors.NotPermitted;
    }

    /// <summary>Those that cross.</summary>
    private int ListXattr(ref FileBodyReader r)
    {
        FilePlace place = Place(r.U64());
        int asked = (int)Math.Min(r.U32(), FileLimits.XattrListBytes);
        string path = place.Path;
        int length = HasAttributes(place) ? VolumeFolder.ListXattr(path, _out.AsSpan(Header, asked)) : 0;
        int kept = 0;
        for (int at = 0; at < length;)
        {
            Span<byte> name = _out.AsSpan(Header + at, length - at);
            name = name[..(name.IndexOf((byte)0) + 1)];
            at += name.Length;
            if (name.IsEmpty)
            {
                break;
            }

            if (FileNames.IsAttribute(name[..^1]))
            {
                name.CopyTo(_out.AsSpan(Header + kept));
                kept += name.Length;
            }
        }

        return length < 0 ? length : kept;
    }

    private int RemoveXattr(ref FileBodyReader r)
    {
        FilePlace place = Place(r.U64());
        byte[] name = Attribute(r.Rest());
        string path = place.Path;
        return HasAttributes(place) ? VolumeFolder.RemoveXattr(path, name) : -FileErrors.NoData;
    }

    /// <summary>The kernel has attributes for users on regular files and folders only.</summary>
    private static bool HasAttributes(FilePlace place) => place.Type is FileFacts.Regular or FileFacts.Folder;

    private static byte[] Attribute(ReadOnlySpan<byte> name) => FileNames.IsAttribute(name) ? Ended(name) : throw new InvalidDataException();
}
