namespace Pavise.Boundary.HostCalls.Files;

/// <summary>The maximum of everything in a file host call, each with its reason.</summary>
public static class FileLimits
{
    /// <summary>Bytes of data of one read or write: beyond, copying costs more than asking once more.</summary>
    public const int DataBytes = 256 * 1024;

    /// <summary>Bytes of one extended attribute: Linux XATTR_SIZE_MAX.</summary>
    public const int XattrBytes = 64 * 1024;

    /// <summary>Bytes of the names of extended attributes: Linux XATTR_LIST_MAX.</summary>
    public const int XattrListBytes = 64 * 1024;

    /// <summary>Bytes of an attribute's name: Linux XATTR_NAME_MAX.</summary>
    public const int XattrNameBytes = 255;

    /// <summary>Bytes of a name: Linux NAME_MAX.</summary>
    public const int NameBytes = BoundaryLimits.NameBytes;

    /// <summary>Bytes of a symbolic link's text: Linux PATH_MAX less its zero byte.</summary>
    public const int LinkBytes = BoundaryLimits.PathBytes - 1;

    /// <summary>Bytes of entries of a folder in one answer: a thousand entries or more.</summary>
    public const int FolderBytes = 64 * 1024;

    /// <summary>Bytes of a file: the largest of ext4 (16 TiB).</summary>
    public const ulong FileBytes = 1UL << 44;

    /// <summary>Numbers that one Forget carries.</summary>
    public const int Forgotten = 1024;

    /// <summary>Nodes that a guest holds at once: each is a descriptor of the host.</summary>
    public const int Nodes = 900_000;

    /// <summary>Open files and folders that a guest holds at once.</summary>
    public const int Handles = 65_536;

    /// <summary>Connections (lanes) of one volume: requests outstanding at once.</summary>
    public const int Lanes = 16;

    /// <summary>Bytes of a request's or an answer's fixed part, beyond its data.</summary>
    public const int FixedBytes = 1024;

    /// <summary>Bytes of any request or answer.</summary>
    public const int FrameBytes = DataBytes + FixedBytes;
}
