using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Pavise.Boundary.HostCalls.Files;
using Pavise.Host.Interop;
using FileFacts = Pavise.Boundary.HostCalls.Files.FileFacts;

namespace Pavise.Host.HostCalls.Files;

/// <summary>One connection of a volume: a request, its system calls, an answer, the next request.</summary>
internal sealed partial class FileLaneServer(Stream guest, SharedFolder folder)
{
    private const int Header = FileFrame.HeaderBytes;

    private readonly byte[] _in = GC.AllocateUninitializedArray<byte>(FileLimits.FrameBytes, pinned: true);
    private readonly byte[] _out = GC.AllocateUninitializedArray<byte>(FileLimits.FrameBytes, pinned: true);
    private readonly List<FilePlace> _pinned = [];
    private readonly byte[] _stat = new byte[VolumeFolder.StatBytes];
    private int _have;

    /// <summary>Serves until the guest closes.</summary>
    /// <exception cref="InvalidDataException">The guest sent what is no request.</exception>
    public void Run()
    {
        while (true)
        {
            (int length, uint operation, ulong number) = Take();
            int result;
            try
            {
                result = Execute((FileOperation)operation, _in.AsSpan(Header, length - Header));
            }
            catch (Exception e) when (e is InvalidDataException or ObjectDisposedException)
            {
                result = -FileErrors.Invalid;
            }
            catch (SystemCallException e)
            {
                result = -e.Errno;
            }
            finally
            {
                _pinned.ForEach(p => p.Unpin());
                _pinned.Clear();
            }

            int errno = result >= 0 ? 0 : FileErrors.Allows((FileOperation)operation, -result) ? -result : FileErrors.InputOutput;
            int answer = Header + Math.Max(result, 0);
            FileFrame.WriteAnswer(_out, answer, errno, number);
            guest.Write(_out, 0, answer);
        }
    }

    private (int Length, uint Operation, ulong Number) Take()
    {
        _have = 0;
        Fill(Header);
        (int length, uint operation, ulong number) = FileFrame.Read(_in);
        Fill(length);
        return _have == length ? (length, operation, number) : throw new InvalidDataException("file host call: a request before the last one's answer");
    }

    private void Fill(int length)
    {
        while (_have < length)
        {
            int count = guest.Read(_in, _have, _in.Length - _have);
            _have += count > 0 ? count : throw new EndOfStreamException();
        }
    }

    /// <returns>Bytes of the answer behind its header, or a negative errno.</returns>
    private int Execute(FileOperation operation, ReadOnlySpan<byte> body)
    {
        FileBodyReader r = new(body);
        switch (operation)
        {
            case FileOperation.Lookup: return Lookup(ref r);
            case FileOperation.Forget: return Forget(ref r);
            case FileOperation.Stat: return StatOf(Place(r.U64()));
            case FileOperation.SetAttributes: return Change(ref r);
            case FileOperation.ReadLink: return ReadLink(ref r);
            case FileOperation.SymbolicLink: return SymbolicLink(ref r);
            case FileOperation.MakeNode: return Make(ref r, isFolder: false);
            case FileOperation.MakeFolder: return Make(ref r, isFolder: true);
            case FileOperation.Unlink: return Remove(ref r, isFolder: false);
            case FileOperation.RemoveFolder: return Remove(ref r, isFolder: true);
            case FileOperation.Rename: return Rename(ref r);
            case FileOperation.Link: return Link(ref r);
            case FileOperation.Open: return Open(ref r);
            case FileOperation.Create: return Create(ref r);
            case FileOperation.Read: return Read(ref r);
            case FileOperation.Write: return Write(ref r);
            case FileOperation.Release: return Release(ref r);
            case FileOperation.Sync: return Sync(ref r);
            case FileOperation.OpenFolder: return OpenFolder(ref r);
            case FileOperation.ReadFolder: return ReadFolder(ref r);
            case FileOperation.StatFileSystem: return StatFileSystem();
            case FileOperation.GetXattr: return GetXattr(ref r);
            case FileOperation.SetXattr: return SetXattr(ref r);
            case FileOperation.ListXattr: return ListXattr(ref r);
            case FileOperation.RemoveXattr: return RemoveXattr(ref r);
            case FileOperation.Allocate: return Allocate(ref r);
            default: return -FileErrors.Invalid;
        }
    }

    /// <summary>A place, open until this request was answered.</summary>
    private FilePlace Place(ulong number)
    {
        FilePlace place = folder.Place(number) ?? throw new InvalidDataException();
        folder.Pin(place);
        _pinned.Add(place);
        return place;
    }

    private FilePlace Folder(ulong number) => Place(number) is { Type: FileFacts.Folder } place ? place : throw new InvalidDataException();

    private FileHandle Handle(ulong number, bool isFolder) => folder.Handle(number) is { } handle && handle.IsFolder == isFolder ? handle : throw new InvalidDataException();

    /// <summary>A name for the kernel: checked, with a zero byte behind it. The request's buffer has room for that.</summary>
    private static byte[] Name(ReadOnlySpan<byte> name) => FileNames.IsName(name) ? Ended(name) : throw new InvalidDataException();

    private static byte[] Ended(ReadOnlySpan<byte> text)
    {
        byte[] ended = new byte[text.Length + 1];
        text.CopyTo(ended);
        return ended;
    }

    private FileBodyWriter Answer() => new(_out.AsSpan(Header));

    private int StatOf(FilePlace place) => StatOf(place.Descriptor, out _);

    /// <summary>Answers with a file's facts.</summary>
    private int StatOf(SafeFileHandle file, out FileFacts facts)
    {
        int errno = Facts(file, out facts);
        if (errno < 0)
        {
            return errno;
        }

        FileBodyWriter w = Answer();
        facts.Write(ref w);
        return w.Length;
    }

    /// <summary>struct statx.</summary>
    private int Facts(SafeFileHandle file, out FileFacts facts)
    {
        int errno = VolumeFolder.Stat(file, _stat);
        ReadOnlySpan<byte> s = _stat;
        facts = errno < 0 ? default : new FileFacts(
            Device(s),
            BinaryPrimitives.ReadUInt64LittleEndian(s[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(s[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(s[48..]),
            BinaryPrimitives.ReadUInt16LittleEndian(s[28..]),
            BinaryPrimitives.ReadUInt32LittleEndian(s[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(s[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(s[24..]),
            Time(s[64..]),
            Time(s[112..]),
            Time(s[96..]));
        return errno;
    }

    /// <summary>The device, with the file's birth where the file system tells it: an inode's number comes again, both together do not.</summary>
    private static ulong Device(ReadOnlySpan<byte> s)
    {
        const uint hasBirth = 0x800;
        const ulong spread = 0x9E3779B97F4A7C15;
        FileTime birth = (BinaryPrimitives.ReadUInt32LittleEndian(s) & hasBirth) != 0 ? Time(s[80..]) : default;
        return unchecked((BinaryPrimitives.ReadUInt64LittleEndian(s[136..]) * spread) ^ ((ulong)birth.Seconds * 1_000_000_000) ^ birth.Nanoseconds);
    }

    private static FileTime Time(ReadOnlySpan<byte> s) => new(BinaryPrimitives.ReadInt64LittleEndian(s), BinaryPrimitives.ReadUInt32LittleEndian(s[8..]));
}
