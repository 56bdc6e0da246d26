using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pavise.Attestation.Launch;

/// <summary>An ID block: what the owner signs so that firmware starts nothing else (SEV-SNP ABI, SNP_LAUNCH_FINISH, table "Structure of the ID Block").</summary>
public static class SnpIdBlock
{
    /// <summary>Bytes of an ID block.</summary>
    public const int Bytes = 96;

    /// <summary>Bytes of a public key in an ID authentication block, over which its digest goes.</summary>
    public const int KeyBytes = 1028;

    /// <summary>Builds an ID block.</summary>
    /// <param name="digest">Launch digest, 48 bytes.</param>
    /// <param name="familyId">16 bytes.</param>
    /// <param name="imageId">16 bytes.</param>
    /// <param name="guestSvn">GUEST_SVN.</param>
    /// <param name="policy">Guest policy.</param>
    public static byte[] Build(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> familyId, ReadOnlySpan<byte> imageId, uint guestSvn, ulong policy)
    {
        byte[] block = new byte[Bytes];
        Span<byte> at = block;
        digest.CopyTo(at[..48]);
        familyId.CopyTo(at[48..64]);
        imageId.CopyTo(at[64..80]);
        BinaryPrimitives.WriteUInt32LittleEndian(at[80..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(at[84..], guestSvn);
        BinaryPrimitives.WriteUInt64LittleEndian(at[88..], policy);
        return block;
    }

    /// <summary>ID_KEY_DIGEST or AUTHOR_KEY_DIGEST of a public key structure, 48 bytes.</summary>
    public static byte[] KeyDigest(ReadOnlySpan<byte> key) =>
        key.Length == KeyBytes ? SHA384.HashData(key) : throw new ArgumentException($"the structure has {KeyBytes} bytes", nameof(key));
}
