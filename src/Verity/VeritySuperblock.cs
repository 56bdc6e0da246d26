using System.Buffers.Binary;
using System.Text;

namespace Pavise.Verity;

/// <summary>
/// The superblock that <c>veritysetup</c> reads (cryptsetup, "DMVerity", on-disk format version 1). The guest never believes it: it is there for
/// other tools.
/// </summary>
public static class VeritySuperblock
{
    /// <summary>One block: 512 bytes of superblock, then zeros.</summary>
    public static byte[] Encode(ulong dataBlocks)
    {
        byte[] salt = VerityFormat.Salt(dataBlocks);
        byte[] block = new byte[VerityFormat.BlockBytes];
        "verity"u8.CopyTo(block);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(12), 1);
        salt.AsSpan(0, 16).CopyTo(block.AsSpan(16));
        Encoding.ASCII.GetBytes("sha256", block.AsSpan(32));
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(64), VerityFormat.BlockBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(68), VerityFormat.BlockBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(72), dataBlocks);
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(80), (ushort)salt.Length);
        salt.CopyTo(block.AsSpan(88));
        return block;
    }
}
