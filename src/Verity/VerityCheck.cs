namespace Pavise.Verity;

/// <summary>Full check of an image file.</summary>
public static class VerityCheck
{
    /// <summary>Whether the data blocks at the stream's beginning have this root hash.</summary>
    public static bool Verify(Stream image, ReadOnlySpan<byte> rootHash, ulong dataBlocks) => throw new NotImplementedException();
}
