using Pavise.Boundary;
using Pavise.Boundary.HostCalls.Files;
using Pavise.Guest.Files.Fuse;

namespace Pavise.Guest.Files;

/// <summary>Open files: reading, writing, making durable.</summary>
internal sealed partial class FuseWorker
{
    private const uint AccessMask = 3, WriteOnly = 1, ReadWrite = 2, Exclusive = 0x80;
    private const uint KeepCache = 2;
    private const int DataAt = FuseHeader.Bytes + 40;

    private int Open(in FuseHeader h, ReadOnlySpan<byte> body)
    {
        FileNode node = volume.Nodes.Get(h.Node);
        ulong handle = volume.Nodes.NewNumber();
        if (calls.Open(h.Node, handle, Access(new FileBodyReader(body).U32()), out Untrusted<FileFacts> answer) is > 0 and var errno)
        {
            return -errno;
        }

        try
        {
            if (!volume.Nodes.TryOpen(node, answer.Validate(node, FileChecks.Same)))
            {
                // The kernel looks the name up again, and gets the file as it is now.
                _ = calls.Release(handle);
                return -FileErrors.Stale;
            }
        }
        catch (FileViolation)
        {
            _ = calls.Release(handle);
            throw;
        }

        volume.Handles[handle] = new OpenFile(node);
        FileBodyWriter w = Reply();
        FuseFormat.Opened(ref w, handle, KeepCache);
        return Header + w.Length;
    }

    private int Create(in FuseHeader h, Span<byte> body)
    {
        FileBodyReader r = new(body);
        uint flags = r.U32(), mode = r.U32();
        Span<byte> rest = body[16..];
        ulong number = volume.Nodes.NewNumber(), handle = volume.Nodes.NewNumber();
        int errno = calls.Create(h.Node, number, handle, Access(flags) | (flags & Exclusive), mode & 0xFFF, h.Uid, h.Gid, Name(ref rest), out Untrusted<FileFacts> answer);
        if (errno != 0)
        {
            return -errno;
        }

        FileFacts facts;
        FileNode node;
        try
        {
            facts = answer.Validate(FileFacts.Regular, FileChecks.Made);
            node = volume.Nodes.Found(number, facts);
        }
        catch (FileViolation)
        {
            volume.Nodes.Drop(number);
            _ = calls.Release(handle);
            throw;
        }

        volume.Nodes.Opened(node);
        volume.Handles[handle] = new OpenFile(node);
        FileBodyWriter w = Reply();
        FuseFormat.Entry(ref w, node, facts);
        FuseFormat.Opened(ref w, handle, KeepCache);
        return Header + w.Length;
    }

    private int Read(ReadOnlySpan<byte> body)
    {
        FileBodyReader r = new(body);
        ulong handle = r.U64(), offset = r.U64();
        int asked = (int)Math.Min(r.U32(), FileLimits.DataBytes);
        return calls.GetData(FileOperation.Read, handle, offset, asked, out Untrusted<int> length) is > 0 and var errno ? -errno : Header + length.Validate(asked, FileChecks.Length);
    }

    private int Write(ReadOnlySpan<byte> body)
    {
        FileBodyReader r = new(body);
        ulong handle = r.U64(), offset = r.U64();
        int length = (int)r.U32();
        if (length < 0 || length > FileLimits.DataBytes || length != body.Length - (DataAt - FuseHeader.Bytes))
        {
            return -FileErrors.Invalid;
        }

        if (offset + (ulong)length > FileLimits.FileBytes)
        {
            return -FileErrors.TooBig;
        }

        if (volume.Handles.TryGetValue(handle, out OpenFile? file))
        {
            file.Node.IsWritten = true;
        }

        if (calls.Write(handle, offset, DataAt, length, out Untrusted<uint> count) is > 0 and var errno)
        {
            return -errno;
        }

        int written = count.Validate(length, FileChecks.Written);
        FileBodyWriter w = Reply();
        w.U32((uint)written);
        w.U32(0);
        return Header + w.Length;
    }

    private int Release(ReadOnlySpan<byte> body)
    {
        ulong handle = new FileBodyReader(body).U64();
        if (volume.Handles.TryRemove(handle, out OpenFile? file))
        {
            _ = calls.Release(handle);
            if (file.Node.Type == FileFacts.Regular && volume.Nodes.Close(file.Node) && calls.Stat(file.Node.Number, out Untrusted<FileFacts> facts) == 0)
            {
                volume.Nodes.Saw(file.Node, facts.Validate(file.Node, FileChecks.Same));
            }
        }

        return Header;
    }

    private int Sync(ReadOnlySpan<byte> body)
    {
        FileBodyReader r = new(body);
        ulong handle = r.U64();
        return calls.Sync(handle, (r.U32() & 1) != 0) is > 0 and var errno ? -errno : Header;
    }

    private int Allocate(ReadOnlySpan<byte> body)
    {
        FileBodyReader r = new(body);
        ulong handle = r.U64(), offset = r.U64(), length = r.U64();
        uint mode = r.U32();
        if (offset > FileLimits.FileBytes || length > FileLimits.FileBytes - offset)
        {
            return -FileErrors.TooBig;
        }

        if (volume.Handles.TryGetValue(handle, out OpenFile? file))
        {
            file.Node.IsWritten = true;
        }

        return calls.Allocate(handle, mode, offset, length) is > 0 and var errno ? -errno : Header;
    }

    /// <summary>Reading only, or both: the kernel, which writes back whole pages, reads what it does not have of them. Where to append it knows itself.</summary>
    private static uint Access(uint flags) => (flags & AccessMask) is WriteOnly or ReadWrite ? ReadWrite : 0;
}
