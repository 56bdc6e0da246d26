namespace Pavise.Boundary.HostCalls.Files;

/// <summary>
/// The file host calls. In brackets: what follows the header of the request, then what follows that of the answer. Numbers are little-endian; a node
/// and a handle are u64 of the guest's choice, never used twice; "facts" is a <see cref="FileFacts"/>; a name takes what is left unless a length stands
/// before it (u16).
/// </summary>
public enum FileOperation : ushort
{
    /// <summary>[folder, new node, name] facts.</summary>
    Lookup = 1,

    /// <summary>[count u32, nodes] nothing: the guest uses these numbers no more.</summary>
    Forget = 2,

    /// <summary>[node] facts.</summary>
    Stat = 3,

    /// <summary>[node, handle or 0, <see cref="FileChange"/>] facts.</summary>
    SetAttributes = 4,

    /// <summary>[node] the link's text.</summary>
    ReadLink = 5,

    /// <summary>[folder, new node, uid u32, gid u32, length, name, text] facts.</summary>
    SymbolicLink = 6,

    /// <summary>[folder, new node, mode u32, uid u32, gid u32, name] facts. Regular files, pipes and sockets only.</summary>
    MakeNode = 7,

    /// <summary>[folder, new node, mode u32, uid u32, gid u32, name] facts.</summary>
    MakeFolder = 8,

    /// <summary>[folder, name] nothing.</summary>
    Unlink = 9,

    /// <summary>[folder, name] nothing.</summary>
    RemoveFolder = 10,

    /// <summary>[folder, new folder, flags u32 (1 NOREPLACE, 2 EXCHANGE), length, name, new name] nothing.</summary>
    Rename = 11,

    /// <summary>[node, folder, name] facts.</summary>
    Link = 12,

    /// <summary>[node, new handle, flags u32] facts.</summary>
    Open = 13,

    /// <summary>[folder, new node, new handle, flags u32, mode u32, uid u32, gid u32, name] facts.</summary>
    Create = 14,

    /// <summary>[handle, offset u64, length u32] data.</summary>
    Read = 15,

    /// <summary>[handle, offset u64, data] count u32.</summary>
    Write = 16,

    /// <summary>[handle] nothing: the guest uses this number no more.</summary>
    Release = 17,

    /// <summary>[handle, data only u32] nothing.</summary>
    Sync = 18,

    /// <summary>[node, new handle] nothing.</summary>
    OpenFolder = 19,

    /// <summary>[handle, position u64, length u32] entries: <see cref="FolderEntry"/>.</summary>
    ReadFolder = 20,

    /// <summary>[] <see cref="FileSystemFacts"/>.</summary>
    StatFileSystem = 21,

    /// <summary>[node, length u32, name] the value.</summary>
    GetXattr = 22,

    /// <summary>[node, flags u32, length, name, value] nothing.</summary>
    SetXattr = 23,

    /// <summary>[node, length u32] names, each with a zero byte behind it.</summary>
    ListXattr = 24,

    /// <summary>[node, name] nothing.</summary>
    RemoveXattr = 25,

    /// <summary>[handle, mode u32, offset u64, length u64] nothing.</summary>
    Allocate = 26,
}
