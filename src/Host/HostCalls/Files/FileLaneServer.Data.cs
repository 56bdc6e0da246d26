using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Pavise.Boundary.HostCalls.Files;
using Pavise.Host.Interop;
using FileFacts = Pavise.Boundary.HostCalls.Files.FileFacts;

namespace Pavise.Host.HostCalls.Files;

/// <summary>Open files and folders.</summary>
internal sealed partial class FileLaneServer
{
    private const int ReadWrite = 2, CreateNew = 0x40 | 0x80, NoTerminal = 0x100;
    private const uint Exclusive = 0x80;

    private int Open(ref FileBodyReader r)
    {
        FilePlace place = Place(r.U64());
        ulong number = r.U64();
        uint flags = r.U32();
        if (place.Type != FileFacts.Regular)
        {
            return place.Type == FileFacts.Folder ? -FileErrors.IsFolder : -FileErrors.Access;
        }

        string path = place.Path;
        int descriptor = VolumeFolder.Reopen(path, (int)(flags & ReadWrite) | NoTerminal);
        return descriptor < 0 ? descriptor : KeepOpen(new SafeFileHandle(descriptor, ownsHandle: true), number, StatOf(place));
    }

    private int Create(ref FileBodyReader r)
    {
        FilePlace parent = Folder(r.U64());
        ulong number = r.U64(), handle = r.U64();
        uint flags = r.U32(), mode = r.U32(), uid = r.U32(), gid = r.U32();
        byte[] name = Name(r.Rest());
        int descriptor = VolumeFolder.Open(parent.Descriptor, name, (int)(flags & ReadWrite) | CreateNew | NoTerminal, mode & 0xFFF);
        if (descriptor == -FileErrors.Exists && (flags & Exclusive) == 0)
        {
            return OpenExisting(parent, name, number, handle, flags);
        }

        if (descriptor < 0)
        {
            return descriptor;
        }

        SafeFileHandle file = new(descriptor, ownsHandle: true);
        int length = Found(parent, name, number);
        if (length >= 0 && Place(number) is var place && Give(parent, place, mode, uid, gid))
        {
            length = StatOf(place);
        }

        return KeepOpen(file, handle, length);
    }

    /// <summary>Somebody on this side made it meanwhile.</summary>
    private int OpenExisting(FilePlace parent, byte[] name, ulong number, ulong handle, uint flags)
    {
        int length = Found(parent, name, number);
        if (length < 0)
        {
            return length;
        }

        FilePlace place = Place(number);
        int descriptor = -FileErrors.Exists;
        if (place.Type == FileFacts.Regular)
        {
            descriptor = VolumeFolder.Reopen(place.Path, (int)(flags & ReadWrite) | NoTerminal);
        }

        if (descriptor < 0)
        {
            folder.Forget(number);
            return descriptor;
        }

        return KeepOpen(new SafeFileHandle(descriptor, ownsHandle: true), handle, length);
    }

    private int KeepOpen(SafeFileHandle descriptor, ulong handle, int length, bool isFolder = false)
    {
        length = length < 0 || folder.TryAdd(handle, new FileHandle(descriptor, isFolder)) ? length : -FileErrors.TooManyFiles;
        if (length < 0)
        {
            descriptor.Dispose();
        }

        return length;
    }

    private int Read(ref FileBodyReader r)
    {
        FileHandle file = Handle(r.U64(), isFolder: false);
        ulong offset = r.U64();
        int asked = (int)Math.Min(r.U32(), FileLimits.DataBytes), done = 0;
        while (done < asked)
        {
            int count = offset > FileLimits.FileBytes ? -FileErrors.Invalid : VolumeFolder.Read(file.Descriptor, _out.AsSpan(Header + done, asked - done), (long)offset + done);
            if (count is 0 or < 0)
            {
                return count < 0 && done == 0 ? count : done;
            }

            done += count;
        }

        return done;
    }

    private int Write(ref FileBodyReader r)
    {
        FileHandle file = Handle(r.U64(), isFolder: false);
        ulong offset = r.U64();
        ReadOnlySpan<byte> data = r.Rest();
        int done = 0;
        while (done < data.Length)
        {
            int count = offset > FileLimits.FileBytes ? -FileErrors.TooBig : VolumeFolder.Write(file.Descriptor, data[done..], (long)offset + done);
            if (count <= 0)
            {
                return count < 0 ? count : -FileErrors.InputOutput;
            }

            done += count;
        }

        BinaryPrimitives.WriteInt32LittleEndian(_out.AsSpan(Header), done);
        return sizeof(int);
    }

    private int Release(ref FileBodyReader r)
    {
        folder.Release(r.U64());
        return 0;
    }

    private int Sync(ref FileBodyReader r)
    {
        FileHandle file = folder.Handle(r.U64()) ?? throw new InvalidDataException();
        return VolumeFolder.Sync(file.Descriptor, r.U32() != 0);
    }

    private int Allocate(ref FileBodyReader r)
    {
        FileHandle file = Handle(r.U64(), isFolder: false);
        uint mode = r.U32();
        ulong offset = r.U64(), length = r.U64();
        return offset > FileLimits.FileBytes || length > FileLimits.FileBytes ? -FileErrors.TooBig : VolumeFolder.Allocate(file.Descriptor, (int)mode, (long)offset, (long)length);
    }

    private int OpenFolder(ref FileBodyReader r)
    {
        FilePlace place = Folder(r.U64());
        ulong number = r.U64();
        string path = place.Path;
        int descriptor = VolumeFolder.Reopen(path, SharedFolder.FolderOnly);
        return descriptor < 0 ? descriptor : KeepOpen(new SafeFileHandle(descriptor, ownsHandle: true), number, 0, isFolder: true);
    }

    /// <summary>struct linux_dirent64 becomes <see cref="FolderEntry"/>, which is never longer.</summary>
    private int ReadFolder(ref FileBodyReader r)
    {
        FileHandle open = Handle(r.U64(), isFolder: true);
        ulong position = r.U64();
        int asked = (int)Math.Min(r.U32(), FileLimits.FolderBytes);
        Span<byte> raw = _in.AsSpan(FileLimits.FixedBytes, asked);
        lock (open)
        {
            if (position != open.Position && VolumeFolder.Seek(open.Descriptor, (long)Math.Min(position, long.MaxValue)) is < 0 and var failed)
            {
                return failed;
            }

            int length = VolumeFolder.ReadEntries(open.Descriptor, raw);
            open.Position = position;
            if (length < 0)
            {
                return length;
            }

            FileBodyWriter w = Answer();
            for (int at = 0; at < length;)
            {
                ReadOnlySpan<byte> entry = raw[at..length];
                ushort size = BinaryPrimitives.ReadUInt16LittleEndian(entry[16..]);
                ReadOnlySpan<byte> name = entry[19..size];
                open.Position = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
                new FolderEntry(BinaryPrimitives.ReadUInt64LittleEndian(entry), open.Position, entry[18]).Write(ref w, name[..name.IndexOf((byte)0)]);
                at += size;
            }

            return w.Length;
        }
    }
}
