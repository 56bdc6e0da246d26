using System.Security.Cryptography;
using System.Text;

namespace Pavise.KeyBroker.Sealing;

/// <summary>AES-256-GCM with what the value is for as authenticated data: <c>1 | nonce 12 | ciphertext | tag 16</c>. A value moved to another place does not open.</summary>
internal static class Envelope
{
    private const byte Form = 1;
    private const int NonceBytes = 12, TagBytes = 16;

    public static byte[] Seal(byte[] key, string purpose, ReadOnlySpan<byte> value)
    {
        byte[] sealedValue = new byte[1 + NonceBytes + value.Length + TagBytes];
        sealedValue[0] = Form;
        Span<byte> nonce = sealedValue.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using AesGcm gcm = new(key, TagBytes);
        gcm.Encrypt(nonce, value, sealedValue.AsSpan(1 + NonceBytes, value.Length), sealedValue.AsSpan(1 + NonceBytes + value.Length), Encoding.UTF8.GetBytes(purpose));
        return sealedValue;
    }

    /// <summary>The value, or null when the key or the purpose is another or a byte was changed.</summary>
    public static byte[]? Open(byte[] key, string purpose, ReadOnlySpan<byte> sealedValue)
    {
        int length = sealedValue.Length - 1 - NonceBytes - TagBytes;
        if (length < 0 || sealedValue[0] != Form)
        {
            return null;
        }

        byte[] value = new byte[length];
        try
        {
            using AesGcm gcm = new(key, TagBytes);
            gcm.Decrypt(sealedValue.Slice(1, NonceBytes), sealedValue.Slice(1 + NonceBytes, length), sealedValue[^TagBytes..], value, Encoding.UTF8.GetBytes(purpose));
            return value;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
