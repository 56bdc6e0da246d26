namespace Pavise.Images;

/// <summary>Order of names as EROFS looks them up: unsigned bytes, shorter first.</summary>
public sealed class ByteOrder : IComparer<byte[]>
{
    /// <summary>The only instance.</summary>
    public static ByteOrder Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
