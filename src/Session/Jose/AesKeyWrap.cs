using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pavise.Session.Jose;

/// <summary>AES key wrap, RFC 3394 sections 2.2.1 and 2.2.2, with the default initial value.</summary>
internal static class AesKeyWrap
{
    private const ulong Initial = 0xA6A6A6A6A6A6A6A6;

    /// <summary>Bytes that wrapping adds.</summary>
    public const int Overhead = 8;

    /// <param name="key">Key-encryption key, 16, 24 or 32 bytes.</param>
    /// <param name="plain">Key to wrap, a multiple of 8 bytes, at least 16.</param>
    public static byte[] Wrap(byte[] key, ReadOnlySpan<byte> plain)
    {
        int n = plain.Length / 8;
        byte[] wrapped = new byte[plain.Length + Overhead];
        plain.CopyTo(wrapped.AsSpan(Overhead));
        using Aes aes = Create(key);
        using ICryptoTransform cipher = aes.CreateEncryptor();
        byte[] block = new byte[16];
        ulong a = Initial;
        for (int t = 1; t <= 6 * n; t++)
        {
            Span<byte> r = wrapped.AsSpan(Overhead + ((t - 1) % n * 8), 8);
            BinaryPrimitives.WriteUInt64BigEndian(block, a);
            r.CopyTo(block.AsSpan(8));
            cipher.TransformBlock(block, 0, 16, block, 0);
            a = BinaryPrimitives.ReadUInt64BigEndian(block) ^ (ulong)t;
            block.AsSpan(8).CopyTo(r);
        }

        BinaryPrimitives.WriteUInt64BigEndian(wrapped, a);
        CryptographicOperations.ZeroMemory(block);
        return wrapped;
    }

    /// <summary>The key, or null when the wrapping does not hold.</summary>
    public static byte[]? Unwrap(byte[] key, ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length < 24 || wrapped.Length % 8 != 0)
        {
            return null;
        }

        int n = (wrapped.Length / 8) - 1;
        byte[] plain = wrapped[Overhead..].ToArray();
        using Aes aes = Create(key);
        using ICryptoTransform cipher = aes.CreateDecryptor();
        byte[] block = new byte[16];
        ulong a = BinaryPrimitives.ReadUInt64BigEndian(wrapped);
        for (int t = 6 * n; t >= 1; t--)
        {
            Span<byte> r = plain.AsSpan((t - 1) % n * 8, 8);
            BinaryPrimitives.WriteUInt64BigEndian(block, a ^ (ulong)t);
            r.CopyTo(block.AsSpan(8));
            cipher.TransformBlock(block, 0, 16, block, 0);
            a = BinaryPrimitives.ReadUInt64BigEndian(block);
            block.AsSpan(8).CopyTo(r);
        }

        CryptographicOperations.ZeroMemory(block);
        if (a == Initial)
        {
            return plain;
        }

        CryptographicOperations.ZeroMemory(plain);
        return null;
    }

    private static Aes Create(byte[] key)
    {
        Aes aes = Aes.Create();
        aes.Mode = CipherMode.ECB;
        aes.Padding = PaddingMode.None;
        aes.Key = key;
        return aes;
    }
}
