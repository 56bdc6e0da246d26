using Pavise.Boundary;
using Pavise.Boundary.HostCalls.Files;

namespace Pavise.Guest.Files;

/// <summary>Names: finding, making, renaming, linking.</summary>
internal sealed partial class FuseWorker
{
    private int Lookup(in Fuse.FuseHeader h, Span<byte> body)
    {
        ReadOnlySpan<byte> name = Name(ref body);
        if (!FileNames.IsName(name))
        {
            return -FileErrors.NoEntry;
        }

        if (volume.Nodes.Count >= FileLimits.Nodes)
        {
            return -FileErrors.TooManyFiles;
        }

        ulong number = volume.Nodes.NewNumber();
        int errno = calls.Lookup(h.Node, number, name, out Untrusted<FileFacts> facts);
        return errno != 0 ? -errno : Found(number, facts, FileChecks.Facts);
    }

    private int Forget(ulong node, ReadOnlySpan<byte> body)
    {
        volume.Nodes.Forget(node, new FileBodyReader(body).U64());
        return NoAnswer;
    }

    private int BatchForget(ReadOnlySpan<byte> body)
    {
        FileBodyReader r = new(body);
        uint count = r.U32();
        _ = r.U32();
        for (uint i = 0; i < count; i++)
        {
            ulong node = r.U64();
            volume.Nodes.Forget(node, r.U64());
        }

        return NoAnswer;
    }

    private int Symlink(in Fuse.FuseHeader h, Span<byte> body)
    {
        ReadOnlySpan<byte> name = Name(ref body), text = Name(ref body);
        if (!FileNames.IsLinkText(text))
        {
            return -FileErrors.NameTooLong;
        }

        ulong number = volume.Nodes.NewNumber();
        int errno = calls.SymbolicLink(h.Node, number, h.Uid, h.Gid, name, text, out Untrusted<FileFacts> facts);
        return errno != 0 ? -errno : Found(number, facts, f => FileChecks.Made(f, FileFacts.Link));
    }

    private int MakeNode(in Fuse.FuseHeader h, Span<byte> body)
    {
        FileBodyReader r = new(body);
        uint mode = r.U32();
        uint type = mode & FileFacts.TypeMask;
        if (type is not (FileFacts.Regular or FileFacts.Pipe or FileFacts.Socket))
        {
            return -FileErrors.NotPermitted;
        }

        Span<byte> rest = body[16..];
        return Make(FileOperation.MakeNode, h, mode, type, Name(ref rest));
    }

    private int MakeFolder(in Fuse.FuseHeader h, Span<byte> body)
    {
        uint mode = new FileBodyReader(body).U32();
        Span<byte> rest = body[8..];
        return Make(FileOperation.MakeFolder, h, mode & ~FileFacts.TypeMask, FileFacts.Folder, Name(ref rest));
    }

    private int Make(FileOperation operation, in Fuse.FuseHeader h, uint mode, uint type, ReadOnlySpan<byte> name)
    {
        ulong number = volume.Nodes.NewNumber();
        int errno = calls.Make(operation, h.Node, number, mode, h.Uid, h.Gid, name, out Untrusted<FileFacts> facts);
        return errno != 0 ? -errno : Found(number, facts, f => FileChecks.Made(f, type));
    }

    private int Rename(in Fuse.FuseHeader h, Span<byte> body, int headBytes)
    {
        FileBodyReader r = new(body);
        ulong folder = r.U64();
        uint flags = headBytes > 8 ? r.U32() : 0;
        Span<byte> rest = body[headBytes..];
        ReadOnlySpan<byte> name = Name(ref rest), newName = Name(ref rest);
        return flags > 2 ? -FileErrors.Invalid
            : calls.Rename(h.Node, folder, flags, name, newName) is > 0 and var errno ? -errno : Header;
    }

    private int Link(in Fuse.FuseHeader h, Span<byte> body)
    {
        FileNode node = volume.Nodes.Get(new FileBodyReader(body).U64());
        Span<byte> rest = body[8..];
        int errno = calls.Link(node.Number, h.Node, Name(ref rest), out Untrusted<FileFacts> answer);
        if (errno != 0)
        {
            return -errno;
        }

        FileFacts facts = answer.Validate(node, FileChecks.Same);
        volume.Nodes.LookedUp(node);
        FileBodyWriter w = Reply();
        Fuse.FuseFormat.Entry(ref w, node, facts);
        return Header + w.Length;
    }

    private int ReadLink(in Fuse.FuseHeader h)
    {
        int errno = calls.GetBytes(FileOperation.ReadLink, h.Node, FileLimits.LinkBytes, [], out Untrusted<int> answer);
        if (errno != 0)
        {
            return -errno;
        }

        int length = answer.Validate(FileLimits.LinkBytes, FileChecks.Length);
        FileChecks.LinkText(buffer.AsSpan(Header, length));
        return Header + length;
    }

    /// <summary>Answers with an entry, or has the number dropped.</summary>
    private int Found(ulong number, Untrusted<FileFacts> answer, Func<FileFacts, FileFacts> validator)
    {
        FileFacts facts;
        try
        {
            facts = answer.Validate(validator);
        }
        catch (FileViolation)
        {
            volume.Nodes.Drop(number);
            throw;
        }

        return ReplyEntry(number, facts);
    }
}
