namespace Pavise.Owner.GuestBuild.Archive;

/// <summary>One file, folder or symbolic link of an archive. The path has no leading slash; the mode holds type and permission bits as `st_mode` does.</summary>
internal sealed record CpioEntry(string Path, int Mode, ReadOnlyMemory<byte> Content)
{
    internal const int TypeMask = 0xF000;
    internal const int FolderType = 0x4000;
    internal const int FileType = 0x8000;
    internal const int LinkType = 0xA000;

    internal bool IsFolder => (Mode & TypeMask) == FolderType;

    internal bool IsFile => (Mode & TypeMask) == FileType;

    internal static CpioEntry Folder(string path, int permissions = 0x1ED) => new(path, FolderType | permissions, default);

    internal static CpioEntry File(string path, ReadOnlyMemory<byte> content, int permissions = 0x1A4) => new(path, FileType | permissions, content);
}
