namespace Pavise.Images;

/// <summary>Types of files, numbered as EROFS directory entries do (erofs_fs.h, EROFS_FT_*).</summary>
public enum FileKind : byte
{
    /// <summary>Regular file.</summary>
    Regular = 1,
    /// <summary>Directory.</summary>
    Directory = 2,
    /// <summary>Character device.</summary>
    CharacterDevice = 3,
    /// <summary>Block device.</summary>
    BlockDevice = 4,
    /// <summary>Named pipe.</summary>
    Fifo = 5,
    /// <summary>Symbolic link.</summary>
    SymbolicLink = 7,
}
