using System.Buffers.Binary;
using Pavise.Boundary;
using Pavise.Boundary.HostCalls.Files;

namespace Pavise.Guest.Files;

/// <summary>The file host calls over one connection. Each returns 0 or an errno; what came is the host's until a validator took it.</summary>
/// <param name="lane">The connection.</param>
internal sealed class FileCalls(FileLane lane)
{
    private const int Header = FileFrame.HeaderBytes;

    /// <summary>The facts of the volume's own folder.</summary>
    /// <exception cref="FileViolation">There are none, or it is no folder.</exception>
    public FileFacts Root() => Stat(FileNodes.Root, out Untrusted<FileFacts> facts) == 0 ? facts.Validate(FileFacts.Folder, FileChecks.Made) : throw new FileViolation("the volume's folder cannot be read");

    public int Lookup(ulong folder, ulong number, ReadOnlySpan<byte> name, out Untrusted<FileFacts> facts)
    {
        FileBodyWriter w = Begin();
        w.U64(folder);
        w.U64(number);
        w.Bytes(name);
        return AskFacts(FileOperation.Lookup, w.Length, out facts);
    }

    public int Stat(ulong node, out Untrusted<FileFacts> facts)
    {
        FileBodyWriter w = Begin();
        w.U64(node);
        return AskFacts(FileOperation.Stat, w.Length, out facts);
    }

    public int Change(ulong node, ulong handle, in FileChange change, out Untrusted<FileFacts> facts)
    {
        FileBodyWriter w = Begin();
        w.U64(node);
        w.U64(handle);
        change.Write(ref w);
        return AskFacts(FileOperation.SetAttributes, w.Length, out facts);
    }

    /// <summary>Makes a pipe, socket, empty file (<see cref="FileOperation.MakeNode"/>) or folder.</summary>
    public int Make(FileOperation operation, ulong folder, ulong number, uint mode, uint uid, uint gid, ReadOnlySpan<byte> name, out Untrusted<FileFacts> facts)
    {
        FileBodyWriter w = Begin();
        w.U64(folder);
        w.U64(number);
        w.U32(mode);
        w.U32(uid);
        w.U32(gid);
        w.Bytes(name);
        return AskFacts(operation, w.Length, out facts);
    }

    public int SymbolicLink(ulong folder, ulong number, uint uid, uint gid, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, out Untrusted<FileFacts> facts)
    {
        FileBodyWriter w = Begin();
        w.U64(folder);
        w.U64(number);
        w.U32(uid);
        w.U32(gid);
        w.Counted(name);
        w.Bytes(text);
        return AskFacts(FileOperation.SymbolicLink, w.Length, out facts);
    }

    public int Link(ulong node, ulong folder, ReadOnlySpan<byte> name, out Untrusted<FileFacts> facts)
    {
        FileBodyWriter w = Begin();
        w.U64(node);
        w.U64(folder);
        w.Bytes(name);
        return AskFacts(FileOperation.Link, w.Length, out facts);
    }

    public int Open(ulong node, ulong handle, uint flags, out Untrusted<FileFacts> facts)
    {
        FileBodyWriter w = Begin();
        w.U64(node);
        w.U64(handle);
        w.U32(flags);
        return AskFacts(FileOperation.Open, w.Length, out facts);
    }

    public int Create(ulong folder, ulong number, ulong handle, uint flags, uint mode, uint uid, uint gid, ReadOnlySpan<byte> name, out Untrusted<FileFacts> facts)
    {
        FileBodyWriter w = Begin();
        w.U64(folder);
        w.U64(number);
        w.U64(handle);
        w.U32(flags);
        w.U32(mode);
        w.U32(uid);
        w.U32(gid);
        w.Bytes(name);
        return AskFacts(FileOperation.Create, w.Length, out facts);
    }

    /// <summary>Unlink or RemoveFolder, RemoveXattr: a file, a name, no answer.</summary>
    public int Named(FileOperation operation, ulong node, ReadOnlySpan<byte> name)
    {
        FileBodyWriter w = Begin();
        w.U64(node);
        w.Bytes(name);
        return AskNothing(operation, w.Length);
    }

    public int Rename(ulong folder, ulong newFolder, uint flags, ReadOnlySpan<byte> name, ReadOnlySpan<byte> newName)
    {
        FileBodyWriter w = Begin();
        w.U64(folder);
        w.U64(newFolder);
        w.U32(flags);
        w.Counted(name);
        w.Bytes(newName);
        return AskNothing(FileOperation.Rename, w.Length);
    }

    public int OpenFolder(ulong node, ulong handle)
    {
        FileBodyWriter w = Begin();
        w.U64(node);
        w.U64(handle);
        return AskNothing(FileOperation.OpenFolder, w.Length);
    }

    public int Release(ulong handle)
    {
        FileBodyWriter w = Begin();
        w.U64(handle);
        return AskNothing(FileOperation.Release, w.Length);
    }

    public int Sync(ulong handle, bool dataOnly)
    {
        FileBodyWriter w = Begin();
        w.U64(handle);
        w.U32(dataOnly ? 1u : 0);
        return AskNothing(FileOperation.Sync, w.Length);
    }

    public int Allocate(ulong handle, uint mode, ulong offset, ulong length)
    {
        FileBodyWriter w = Begin();
        w.U64(handle);
        w.U32(mode);
        w.U64(offset);
        w.U64(length);
        return AskNothing(FileOperation.Allocate, w.Length);
    }

    public int SetXattr(ulong node, uint flags, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        FileBodyWriter w = Begin();
        w.U64(node);
        w.U32(flags);
        w.Counted(name);
        w.Bytes(value);
        return AskNothing(FileOperation.SetXattr, w.Length);
    }

    public int Forget(ReadOnlySpan<ulong> numbers)
    {
        FileBodyWriter w = Begin();
        w.U32((uint)numbers.Length);
        foreach (ulong number in numbers)
        {
            w.U64(number);
        }

        return AskNothing(FileOperation.Forget, w.Length);
    }

    /// <summary>ReadLink, GetXattr, ListXattr: bytes, which lie in the lane's buffer behind the header.</summary>
    public int GetBytes(FileOperation operation, ulong node, int asked, ReadOnlySpan<byte> name, out Untrusted<int> length)
    {
        FileBodyWriter w = Begin();
        w.U64(node);
        if (operation != FileOperation.ReadLink)
        {
            w.U32((uint)asked);
        }

        w.Bytes(name);
        return lane.Ask(operation, Frame(w.Length), asked, out length);
    }

    /// <summary>Read, ReadFolder: bytes, which lie in the lane's buffer behind the header.</summary>
    public int GetData(FileOperation operation, ulong handle, ulong offset, int asked, out Untrusted<int> length)
    {
        FileBodyWriter w = Begin();
        w.U64(handle);
        w.U64(offset);
        w.U32((uint)asked);
        return lane.Ask(operation, Frame(w.Length), asked, out length);
    }

    /// <summary>Writes data that lies in the lane's buffer, with room for the request before it.</summary>
    public int Write(ulong handle, ulong offset, int at, int length, out Untrusted<uint> count)
    {
        const int fields = Header + 16;
        Span<byte> frame = lane.Buffer.AsSpan(at - fields, fields + length);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[Header..], handle);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[(Header + 8)..], offset);
        int errno = lane.Ask(FileOperation.Write, frame, sizeof(uint), out Untrusted<int> body);
        count = new(errno == 0 && body.Validate(b => b) == sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(lane.Buffer.AsSpan(Header)) : uint.MaxValue);
        return errno;
    }

    public int StatFileSystem(out Untrusted<FileSystemFacts> facts)
    {
        int errno = lane.Ask(FileOperation.StatFileSystem, Frame(0), FileLimits.FixedBytes, out Untrusted<int> length);
        facts = errno == 0 ? new(length.Validate(ReadFileSystem)) : default;
        return errno;
    }

    private FileBodyWriter Begin() => new(lane.Outgoing.AsSpan(Header));

    private Span<byte> Frame(int length) => lane.Outgoing.AsSpan(0, Header + length);

    private int AskNothing(FileOperation operation, int length) => lane.Ask(operation, Frame(length), 0, out _);

    private int AskFacts(FileOperation operation, int length, out Untrusted<FileFacts> facts)
    {
        int errno = lane.Ask(operation, Frame(length), FileFacts.Bytes, out Untrusted<int> body);
        facts = errno == 0 ? new(body.Validate(ReadFacts)) : default;
        return errno;
    }

    private FileFacts ReadFacts(int length)
    {
        FileBodyReader r = new(lane.Buffer.AsSpan(Header, length));
        FileFacts facts = FileFacts.Read(ref r);
        r.End();
        return facts;
    }

    private FileSystemFacts ReadFileSystem(int length)
    {
        FileBodyReader r = new(lane.Buffer.AsSpan(Header, length));
        FileSystemFacts facts = FileSystemFacts.Read(ref r);
        r.End();
        return facts;
    }
}
