namespace Pavise.Owner.GuestBuild.Archive;

/// <summary>
/// The "new ASCII" cpio format without checksums, as the kernel unpacks it (Documentation/driver-api/early-userspace/buffer-format.rst):
/// a magic of 6 characters, 13 fields of 8 hexadecimal digits, the name with its zero byte, then the content; name and content each end on a
/// multiple of 4 bytes.
/// </summary>
internal static class CpioFormat
{
    internal const string Magic = "070701";
    internal const string Trailer = "TRAILER!!!";
    internal const int FieldDigits = 8;
    internal const int Fields = 13;
    internal const int HeaderBytes = 6 + (Fields * FieldDigits);
    internal const int Alignment = 4;

    /// <summary>Where the fields stand, by number.</summary>
    internal const int Inode = 0;
    internal const int Mode = 1;
    internal const int Links = 4;
    internal const int Size = 6;
    internal const int NameSize = 11;

    /// <summary>Longest name with its zero byte: the kernel's PATH_MAX.</summary>
    internal const int MaxNameBytes = 4096;

    /// <summary>Far more than an initrd of ours holds; bounds what a hostile archive makes the reader keep.</summary>
    internal const int MaxEntries = 65_536;

    internal static long Aligned(long bytes) => (bytes + Alignment - 1) & ~(long)(Alignment - 1);
}
