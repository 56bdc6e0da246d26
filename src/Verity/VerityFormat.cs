using System.Security.Cryptography;
using System.Buffers.Binary;

namespace Pavise.Verity;

/// <summary>
/// The one dm-verity format Pavise uses: version 1, SHA-256, 4096-byte data and hash blocks, and a salt that is derived from the number
/// of data blocks, so that the root hash binds the size: a host that claims another size changes the salt and with it every hash.
/// An image file is: data blocks, verity superblock (one block), hash tree, as <c>veritysetup --hash-offset</c> lays it out.
/// </summary>
public static class VerityFormat
{
    /// <summary>Bytes of a data block and of a hash block.</summary>
    public const int BlockBytes = 4096;

    /// <summary>Bytes of a hash.</summary>
    public const int HashBytes = 32;

    /// <summary>SHA-256("pavise-verity-v1" followed by the number of data blocks as u64 little-endian).</summary>
    public static byte[] Salt(ulong dataBlocks)
    {
        Span<byte> input = stackalloc byte[24];
        "pavise-verity-v1"u8.CopyTo(input);
        BinaryPrimitives.WriteUInt64LittleEndian(input[16..], dataBlocks);
        return SHA256.HashData(input);
    }
}
