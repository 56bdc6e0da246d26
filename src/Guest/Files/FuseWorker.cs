using System.Buffers.Binary;
using Pavise.Boundary;
using Pavise.Boundary.HostCalls.Files;
using Pavise.Guest.Files.Fuse;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Files;

/// <summary>One thread that takes the kernel's requests for a volume and answers them, each by at most a few host calls over a connection of its own.</summary>
internal sealed partial class FuseWorker
{
    /// <summary>Numbers that wait before the host is told that they are used no more: each holds a descriptor there.</summary>
    private const int ForgetStep = 64;
    private const int Header = FuseFormat.OutHeaderBytes, NoAnswer = 0;

    private readonly SharedVolume volume;
    private readonly FileLane lane;
    private readonly FileCalls calls;
    private readonly byte[] buffer;

    public FuseWorker(SharedVolume volume, FileLane lane)
    {
        this.volume = volume;
        this.lane = lane;
        calls = new FileCalls(lane);
        buffer = lane.Buffer;
    }

    /// <summary>Serves until the file system is unmounted.</summary>
    public void Run()
    {
        try
        {
            while (ServeOne())
            {
            }
        }
        catch (Exception e) when (e is LinuxException or ObjectDisposedException)
        {
            // The device was closed: the volume goes.
        }
    }

    /// <summary>Waits for one request and answers it.</summary>
    /// <returns>False when there will be none.</returns>
    internal bool ServeOne()
    {
        int count = LinuxFuse.Read(volume.Device, buffer);
        if (count > 0)
        {
            Serve(count);
        }

        return count > 0;
    }

    private void Serve(int count)
    {
        FuseHeader header = FuseHeader.Read(buffer);
        int answer;
        try
        {
            answer = Dispatch(header, count);
        }
        catch (Exception e) when (e is FileViolation or InvalidDataException)
        {
            volume.Report($"{header.Opcode}: {e.Message}");
            answer = -FileErrors.InputOutput;
        }

        if (answer != NoAnswer)
        {
            Answer(header.Unique, answer);
        }

        TellForgotten();
    }

    /// <summary>Writes struct fuse_out_header before what lies behind it already, and gives both to the kernel.</summary>
    /// <param name="unique">The request.</param>
    /// <param name="answer">Bytes, this header among them; or a negative errno.</param>
    private void Answer(ulong unique, int answer)
    {
        Span<byte> whole = buffer.AsSpan(0, Math.Max(answer, Header));
        BinaryPrimitives.WriteInt32LittleEndian(whole, whole.Length);
        BinaryPrimitives.WriteInt32LittleEndian(whole[4..], Math.Min(answer, 0));
        BinaryPrimitives.WriteUInt64LittleEndian(whole[8..], unique);
        if (!LinuxFuse.Write(volume.Device, whole) && answer > 0)
        {
            // Not taken: the request is gone, or would wait for ever.
            Answer(unique, -FileErrors.InputOutput);
        }
    }

    private void TellForgotten()
    {
        try
        {
            if (volume.Nodes.TryTakeForgotten(ForgetStep, out ulong[]? numbers))
            {
                _ = calls.Forget(numbers);
            }
        }
        catch (FileViolation e)
        {
            volume.Report(e.Message);
        }
    }

    private int Dispatch(in FuseHeader h, int count)
    {
        Span<byte> body = buffer.AsSpan(FuseHeader.Bytes, count - FuseHeader.Bytes);
        return h.Opcode switch
        {
            FuseOpcode.Lookup => Lookup(h, body),
            FuseOpcode.Forget => Forget(h.Node, body),
            FuseOpcode.BatchForget => BatchForget(body),
            FuseOpcode.GetAttr => GetAttributes(h),
            FuseOpcode.SetAttr => SetAttributes(h, body),
            FuseOpcode.ReadLink => ReadLink(h),
            FuseOpcode.Symlink => Symlink(h, body),
            FuseOpcode.MkNod => MakeNode(h, body),
            FuseOpcode.MkDir => MakeFolder(h, body),
            FuseOpcode.Unlink => -calls.Named(FileOperation.Unlink, h.Node, Name(ref body)) is var e and < 0 ? e : Header,
            FuseOpcode.RmDir => -calls.Named(FileOperation.RemoveFolder, h.Node, Name(ref body)) is var e and < 0 ? e : Header,
            FuseOpcode.Rename => Rename(h, body, headBytes: 8),
            FuseOpcode.Rename2 => Rename(h, body, headBytes: 16),
            FuseOpcode.Link => Link(h, body),
            FuseOpcode.Open => Open(h, body),
            FuseOpcode.Create => Create(h, body),
            FuseOpcode.Read => Read(body),
            FuseOpcode.Write => Write(body),
            FuseOpcode.Release or FuseOpcode.ReleaseDir => Release(body),
            FuseOpcode.FSync or FuseOpcode.FSyncDir => Sync(body),
            FuseOpcode.FAllocate => Allocate(body),
            FuseOpcode.OpenDir => OpenFolder(h),
            FuseOpcode.ReadDir => ReadFolder(body),
            FuseOpcode.StatFs => StatFileSystem(),
            FuseOpcode.SetXattr => SetXattr(h, body),
            FuseOpcode.GetXattr => GetXattr(h, body),
            FuseOpcode.ListXattr => ListXattr(h, body),
            FuseOpcode.RemoveXattr => RemoveXattr(h, body),
            FuseOpcode.Init => Init(body),
            FuseOpcode.Interrupt or FuseOpcode.Destroy => NoAnswer,
            _ => -FileErrors.NotBuilt,
        };
    }

    private int Init(ReadOnlySpan<byte> body)
    {
        FileBodyWriter w = Out(out Span<byte> place);
        bool known = FuseInit.Answer(body, ref w);
        place[..w.Length].CopyTo(buffer.AsSpan(Header));
        return known ? Header + w.Length : -FileErrors.NotBuilt;
    }

    /// <summary>A writer into the lane's other buffer, for what is made while the request is still read.</summary>
    private FileBodyWriter Out(out Span<byte> place)
    {
        place = lane.Outgoing;
        return new(place);
    }

    /// <summary>A writer right behind the answer's header: the request is not needed any more.</summary>
    private FileBodyWriter Reply() => new(buffer.AsSpan(Header));

    private int ReplyEntry(ulong number, in FileFacts facts)
    {
        FileNode node = volume.Nodes.Found(number, facts);
        FileBodyWriter w = Reply();
        FuseFormat.Entry(ref w, node, facts);
        return Header + w.Length;
    }

    private int ReplyAttributes(in FileFacts facts)
    {
        FileBodyWriter w = Reply();
        FuseFormat.AttributesOut(ref w, facts);
        return Header + w.Length;
    }

    /// <summary>A text that ends with a zero byte; what is behind it stays.</summary>
    private static ReadOnlySpan<byte> Name(ref Span<byte> body)
    {
        int end = body.IndexOf((byte)0);
        ReadOnlySpan<byte> name = body[..Math.Max(end, 0)];
        body = body[Math.Min(name.Length + 1, body.Length)..];
        return name;
    }
}
