namespace Pavise.Images.Erofs;

/// <summary>Constants of the EROFS on-disk format (Linux fs/erofs/erofs_fs.h): uncompressed, 4096-byte blocks, extended inodes.</summary>
internal static class ErofsFormat
{
    public const uint Magic = 0xE0F5E1E2;
    public const int BlockBytes = 4096;
    public const int BlockBits = 12;
    public const int SuperblockOffset = 1024;
    public const int SuperblockBytes = 128;

    /// <summary>Inodes are addressed in slots of 32 bytes from the start of the metadata area, which here is the image's start.</summary>
    public const int SlotBytes = 32;

    public const int InodeBytes = 64;
    public const ushort VersionExtended = 1;
    public const int LayoutShift = 1;
    public const ushort LayoutPlain = 0;
    public const ushort LayoutInline = 2;
    public const int DirentBytes = 12;
    public const int XattrHeaderBytes = 12;
    public const int XattrEntryBytes = 4;

    /// <summary>Small files up to this size are kept whole beside their inode; larger ones have blocks of their own.</summary>
    public const int InlineFileBytes = 2048;
}
