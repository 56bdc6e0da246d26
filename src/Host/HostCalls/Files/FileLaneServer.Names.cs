using Microsoft.Win32.SafeHandles;
using Pavise.Boundary.HostCalls.Files;
using Pavise.Host.Interop;
using FileFacts = Pavise.Boundary.HostCalls.Files.FileFacts;

namespace Pavise.Host.HostCalls.Files;

/// <summary>Names: finding, making, renaming, linking, removing.</summary>
internal sealed partial class FileLaneServer
{
    private const uint SetGroupId = 0x400, SetIds = 0xC00, LeaveAsIs = uint.MaxValue;

    private int Lookup(ref FileBodyReader r)
    {
        FilePlace parent = Folder(r.U64());
        ulong number = r.U64();
        return Found(parent, Name(r.Rest()), number);
    }

    /// <summary>Opens a name's place under the guest's number and answers with its facts.</summary>
    private int Found(FilePlace parent, byte[] name, ulong number)
    {
        int descriptor = VolumeFolder.OpenPlace(parent.Descriptor, name);
        return descriptor < 0 ? descriptor : Keep(new SafeFileHandle(descriptor, ownsHandle: true), number);
    }

    private int Keep(SafeFileHandle descriptor, ulong number)
    {
        int length = StatOf(descriptor, out FileFacts facts);
        if (length >= 0)
        {
            // Devices are the host's; there is nothing to do with them in a guest.
            length = facts.Type is not (FileFacts.Regular or FileFacts.Folder or FileFacts.Link or FileFacts.Pipe or FileFacts.Socket) ? -FileErrors.Access
                : folder.TryAdd(number, folder.PlaceOf(descriptor, facts.Type)) ? length : -FileErrors.TooManyFiles;
        }

        if (length < 0)
        {
            descriptor.Dispose();
        }

        return length;
    }

    private int Forget(ref FileBodyReader r)
    {
        uint count = Math.Min(r.U32(), FileLimits.Forgotten);
        for (uint i = 0; i < count; i++)
        {
            folder.Forget(r.U64());
        }

        return 0;
    }

    private int SymbolicLink(ref FileBodyReader r)
    {
        FilePlace parent = Folder(r.U64());
        ulong number = r.U64();
        uint uid = r.U32(), gid = r.U32();
        byte[] name = Name(r.Counted());
        ReadOnlySpan<byte> text = r.Rest();
        int errno = FileNames.IsLinkText(text) ? VolumeFolder.MakeLink(parent.Descriptor, name, Ended(text)) : -FileErrors.Invalid;
        return errno < 0 ? errno : Made(parent, name, number, 0, uid, gid);
    }

    private int Make(ref FileBodyReader r, bool isFolder)
    {
        FilePlace parent = Folder(r.U64());
        ulong number = r.U64();
        uint mode = r.U32(), uid = r.U32(), gid = r.U32();
        byte[] name = Name(r.Rest());
        uint type = mode & FileFacts.TypeMask;
        int errno = isFolder ? VolumeFolder.MakeFolder(parent.Descriptor, name, mode & 0xFFF)
            : type is FileFacts.Regular or FileFacts.Pipe or FileFacts.Socket ? VolumeFolder.MakeNode(parent.Descriptor, name, type | (mode & 0xFFF))
            : -FileErrors.NotPermitted;
        return errno < 0 ? errno : Made(parent, name, number, isFolder ? 0 : mode & 0xFFF, uid, gid);
    }

    /// <summary>Gives what was just made to who asked for it.</summary>
    private int Made(FilePlace parent, byte[] name, ulong number, uint mode, uint uid, uint gid)
    {
        int length = Found(parent, name, number);
        return length >= 0 && Place(number) is var place && Give(parent, place, mode, uid, gid) ? StatOf(place) : length;
    }

    /// <summary>Changes owner and group, as the file system would have set them had the guest's process made it here.</summary>
    /// <returns>Whether something was changed.</returns>
    private bool Give(FilePlace parent, FilePlace place, uint mode, uint uid, uint gid)
    {
        bool inherits = Facts(parent.Descriptor, out FileFacts above) == 0 && (above.Mode & SetGroupId) != 0;
        if (uid == 0 && (gid == 0 || inherits))
        {
            return false;
        }

        _ = VolumeFolder.ChangeOwner(place.Descriptor, uid, inherits ? LeaveAsIs : gid);
        if ((mode & SetIds) != 0)
        {
            _ = VolumeFolder.ChangeMode(place.Path, mode);
        }

        return true;
    }

    private int Remove(ref FileBodyReader r, bool isFolder)
    {
        FilePlace parent = Folder(r.U64());
        return VolumeFolder.Unlink(parent.Descriptor, Name(r.Rest()), isFolder);
    }

    private int Rename(ref FileBodyReader r)
    {
        FilePlace from = Folder(r.U64()), to = Folder(r.U64());
        uint flags = r.U32();
        byte[] name = Name(r.Counted());
        return flags > 2 ? -FileErrors.Invalid : VolumeFolder.Rename(from.Descriptor, name, to.Descriptor, Name(r.Rest()), flags);
    }

    private int Link(ref FileBodyReader r)
    {
        FilePlace place = Place(r.U64()), parent = Folder(r.U64());
        byte[] name = Name(r.Rest());
        if (place.Type == FileFacts.Folder)
        {
            return -FileErrors.NotPermitted;
        }

        string path = place.Path;
        int errno = VolumeFolder.Link(path, parent.Descriptor, name);
        return errno < 0 ? errno : StatOf(place);
    }

    private int ReadLink(ref FileBodyReader r) =>
        Place(r.U64()) is { Type: FileFacts.Link } link ? VolumeFolder.ReadLink(link.Descriptor, _out.AsSpan(Header, FileLimits.LinkBytes)) : -FileErrors.Invalid;
}
