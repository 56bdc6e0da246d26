using System.Security.Cryptography;

namespace Pavise.Verity;

/// <summary>Full check of an image's data, for machines without dm-verity.</summary>
public static class VerityCheck
{
    /// <summary>
    /// Whether the data blocks at the stream's position have this root hash. The stored tree is not read: it is recomputed. A stream that is too
    /// short does not have it.
    /// </summary>
    public static bool Verify(Stream image, ReadOnlySpan<byte> rootHash, ulong dataBlocks)
    {
        if (dataBlocks is 0 or > VerityGeometry.MaximumDataBlocks)
        {
            return false;
        }

        try
        {
            return CryptographicOperations.FixedTimeEquals(VerityTree.Compute(image, dataBlocks), rootHash);
        }
        catch (EndOfStreamException)
        {
            return false;
        }
    }
}
