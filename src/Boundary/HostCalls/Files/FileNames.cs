namespace Pavise.Boundary.HostCalls.Files;

/// <summary>What a name in a folder may be, in either direction.</summary>
public static class FileNames
{
    /// <summary>Only attributes below this name cross: the others are the kernel's own (capabilities, labels, lists of access).</summary>
    public static ReadOnlySpan<byte> UserAttribute => "user."u8;

    /// <summary>Whether the bytes name one entry: not empty, not <c>.</c> or <c>..</c>, no <c>/</c>, no NUL.</summary>
    public static bool IsName(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= FileLimits.NameBytes && name.IndexOfAny((byte)'/', (byte)0) < 0 && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8);

    /// <summary>Whether the bytes name an extended attribute that crosses.</summary>
    public static bool IsAttribute(ReadOnlySpan<byte> name) =>
        name.Length > UserAttribute.Length && name.Length <= FileLimits.XattrNameBytes && name.StartsWith(UserAttribute) && name.IndexOf((byte)0) < 0;

    /// <summary>Whether the bytes are a symbolic link's text.</summary>
    public static bool IsLinkText(ReadOnlySpan<byte> text) => text.Length is > 0 and <= FileLimits.LinkBytes && text.IndexOf((byte)0) < 0;
}
