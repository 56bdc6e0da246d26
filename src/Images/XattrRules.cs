namespace Pavise.Images;

/// <summary>
/// Which extended attributes enter an image: those that an application can rely on and that every source carries. Labels of the machine
/// (security.selinux), of overlayfs and of integrity measurement stay out.
/// </summary>
public static class XattrRules
{
    /// <summary>Bytes of one value: the kernel's own limit.</summary>
    public const int ValueBytes = 65536;

    /// <summary>Whether an attribute is kept.</summary>
    public static bool IsKept(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("security.capability"u8)
        || name.SequenceEqual("system.posix_acl_access"u8)
        || name.SequenceEqual("system.posix_acl_default"u8)
        || (name.StartsWith("user."u8) && !name.StartsWith("user.overlay."u8));
}
