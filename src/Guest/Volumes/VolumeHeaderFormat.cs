using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pavise.Guest.Volumes;

/// <summary>
/// The header's form, Pavise's own: magic (8), nonce (12), AES-256-GCM of 64 bytes, tag (16), zeros up to 4096. Authenticated with it: which copy it is, the policy's name
/// and the volume's. Nothing of it is believed before it opened.
/// </summary>
internal static class VolumeHeaderFormat
{
    private const int NonceAt = 8, NonceBytes = 12, SealedAt = NonceAt + NonceBytes, PlainBytes = 64, TagAt = SealedAt + PlainBytes, TagBytes = 16, End = TagAt + TagBytes;
    private const int SaltBytes = 16;

    private static ReadOnlySpan<byte> Magic => "pavisev1"u8;

    /// <summary>Writes one copy.</summary>
    /// <param name="header">The content.</param>
    /// <param name="copy">Which of the copies.</param>
    /// <param name="keys">The volume's keys.</param>
    public static byte[] Seal(VolumeHeader header, int copy, VolumeKeys keys)
    {
        Span<byte> plain = stackalloc byte[PlainBytes];
        plain.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(plain, header.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(plain[8..], header.Generation);
        BinaryPrimitives.WriteInt64LittleEndian(plain[16..], header.Before);
        BinaryPrimitives.WriteUInt64LittleEndian(plain[24..], header.SizeBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(plain[32..], (uint)header.State);
        header.Salt.CopyTo(plain[40..]);
        byte[] block = new byte[VolumeLayout.BlockBytes];
        Magic.CopyTo(block);
        RandomNumberGenerator.Fill(block.AsSpan(NonceAt, NonceBytes));
        using AesGcm cipher = new(keys.Header, TagBytes);
        cipher.Encrypt(block.AsSpan(NonceAt, NonceBytes), plain, block.AsSpan(SealedAt, PlainBytes), block.AsSpan(TagAt, TagBytes), keys.Identity(copy));
        return block;
    }

    /// <summary>Reads one copy.</summary>
    /// <returns>Null where it is not one, of this volume, under this key, in this place, whole.</returns>
    public static VolumeHeader? Open(ReadOnlySpan<byte> block, int copy, VolumeKeys keys)
    {
        if (block.Length != VolumeLayout.BlockBytes || !block.StartsWith(Magic) || block[End..].ContainsAnyExcept((byte)0))
        {
            return null;
        }

        Span<byte> plain = stackalloc byte[PlainBytes];
        try
        {
            using AesGcm cipher = new(keys.Header, TagBytes);
            cipher.Decrypt(block.Slice(NonceAt, NonceBytes), block.Slice(SealedAt, PlainBytes), block.Slice(TagAt, TagBytes), plain, keys.Identity(copy));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        VolumeHeader header = new(
            BinaryPrimitives.ReadUInt64LittleEndian(plain),
            BinaryPrimitives.ReadInt64LittleEndian(plain[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(plain[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(plain[24..]),
            (VolumeState)BinaryPrimitives.ReadUInt32LittleEndian(plain[32..]),
            plain.Slice(40, SaltBytes).ToArray());
        return header.State is VolumeState.Formatting or VolumeState.Open or VolumeState.Clean ? header : null;
    }

    /// <summary>The newest copy that opens.</summary>
    /// <param name="area">All copies, one behind the other.</param>
    /// <param name="keys">The volume's keys.</param>
    public static VolumeHeader? Newest(ReadOnlySpan<byte> area, VolumeKeys keys)
    {
        VolumeHeader? newest = null;
        for (int copy = 0; copy < VolumeLayout.Headers; copy++)
        {
            if (Open(area.Slice(copy * VolumeLayout.BlockBytes, VolumeLayout.BlockBytes), copy, keys) is { } header && header.Sequence > (newest?.Sequence ?? 0))
            {
                newest = header;
            }
        }

        return newest;
    }

    /// <summary>Whether nothing was ever written there.</summary>
    public static bool IsEmpty(ReadOnlySpan<byte> area) => !area.ContainsAnyExcept((byte)0);
}
