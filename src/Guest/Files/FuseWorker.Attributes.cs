using Pavise.Boundary;
using Pavise.Boundary.HostCalls.Files;
using Pavise.Guest.Files.Fuse;

namespace Pavise.Guest.Files;

/// <summary>Attributes of files and of the file system; extended attributes.</summary>
internal sealed partial class FuseWorker
{
    private const uint HasHandle = 64, Known = 0x1FF & ~HasHandle;

    private int GetAttributes(in FuseHeader h)
    {
        FileNode node = volume.Nodes.Get(h.Node);
        return calls.Stat(h.Node, out Untrusted<FileFacts> facts) is > 0 and var errno ? -errno : ReplyAttributes(facts.Validate(node, FileChecks.Same));
    }

    /// <summary>struct fuse_setattr_in. The kernel's own time of change is not the host's to set.</summary>
    private int SetAttributes(in FuseHeader h, ReadOnlySpan<byte> body)
    {
        FileNode node = volume.Nodes.Get(h.Node);
        FileBodyReader r = new(body);
        uint which = r.U32();
        _ = r.U32();
        ulong handle = r.U64(), size = r.U64();
        _ = r.U64();
        ulong accessed = r.U64(), modified = r.U64();
        _ = r.U64();
        uint accessedNs = r.U32(), modifiedNs = r.U32();
        _ = r.U32();
        uint mode = r.U32();
        _ = r.U32();
        FileChange change = new(which & Known, mode & 0xFFF, r.U32(), r.U32(), size, new((long)accessed, accessedNs), new((long)modified, modifiedNs));
        if ((which & FileChange.HasSize) != 0 && size > FileLimits.FileBytes)
        {
            return -FileErrors.TooBig;
        }

        if (calls.Change(h.Node, (which & HasHandle) != 0 ? handle : 0, change, out Untrusted<FileFacts> answer) is > 0 and var errno)
        {
            return -errno;
        }

        FileFacts facts = answer.Validate(node, FileChecks.Same);
        if ((which & FileChange.HasSize) != 0 && node.Type == FileFacts.Regular && facts.Size != size)
        {
            throw new FileViolation($"a file has {facts.Size} bytes after it was cut to {size}");
        }

        volume.Nodes.Saw(node, facts);
        return ReplyAttributes(facts);
    }

    private int StatFileSystem()
    {
        if (calls.StatFileSystem(out Untrusted<FileSystemFacts> answer) is > 0 and var errno)
        {
            return -errno;
        }

        FileSystemFacts facts = answer.Validate(FileChecks.FileSystem);
        FileBodyWriter w = Reply();
        FuseFormat.FileSystem(ref w, facts);
        return Header + w.Length;
    }

    /// <summary>struct fuse_setxattr_in in its first form (8 bytes).</summary>
    private int SetXattr(in FuseHeader h, Span<byte> body)
    {
        FileBodyReader r = new(body);
        int size = (int)r.U32();
        uint flags = r.U32();
        Span<byte> rest = body[8..];
        ReadOnlySpan<byte> name = Name(ref rest);
        return !FileNames.IsAttribute(name) ? -FileErrors.NotSupported
            : size != rest.Length || size > FileLimits.XattrBytes || flags > 2 ? -FileErrors.Invalid
            : calls.SetXattr(h.Node, flags, name, rest) is > 0 and var errno ? -errno : Header;
    }

    private int GetXattr(in FuseHeader h, Span<byte> body)
    {
        int size = (int)new FileBodyReader(body).U32();
        Span<byte> rest = body[8..];
        ReadOnlySpan<byte> name = Name(ref rest);
        if (!FileNames.IsAttribute(name))
        {
            // The kernel asks for security.capability before each write: no file of a volume has any.
            return name.StartsWith("security."u8) ? -FileErrors.NoData : -FileErrors.NotSupported;
        }

        return Bytes(FileOperation.GetXattr, h.Node, size, FileLimits.XattrBytes, name);
    }

    private int ListXattr(in FuseHeader h, Span<byte> body) =>
        Bytes(FileOperation.ListXattr, h.Node, (int)new FileBodyReader(body).U32(), FileLimits.XattrListBytes, []);

    private int RemoveXattr(in FuseHeader h, Span<byte> body)
    {
        ReadOnlySpan<byte> name = Name(ref body);
        return !FileNames.IsAttribute(name) ? -FileErrors.NotSupported : calls.Named(FileOperation.RemoveXattr, h.Node, name) is > 0 and var errno ? -errno : Header;
    }

    /// <summary>The value, or with a size of 0 its length alone; the host is always asked for the whole, since only that can be checked.</summary>
    private int Bytes(FileOperation operation, ulong node, int size, int most, ReadOnlySpan<byte> name)
    {
        if (calls.GetBytes(operation, node, most, name, out Untrusted<int> answer) is > 0 and var errno)
        {
            return -errno;
        }

        int length = answer.Validate(most, FileChecks.Length);
        if (operation == FileOperation.ListXattr)
        {
            FileChecks.AttributeNames(buffer.AsSpan(Header, length));
        }

        if (size > 0)
        {
            return length <= size ? Header + length : -FileErrors.Range;
        }

        FileBodyWriter w = Reply();
        w.U32((uint)length);
        w.U32(0);
        return Header + w.Length;
    }
}
