using System.Security.Cryptography;
using Pavise.Policy.Json;
using Pavise.Session.Jose;

namespace Pavise.Session.Sealed;

/// <summary>
/// An encrypted value: AES-256-GCM under a key of its own, which AES key wrap (RFC 3394) keeps under the resource's 32 bytes. Place and resource are the associated
/// data, so that the key alone, without any signature, keeps values where they belong.
/// </summary>
/// <param name="WrappedKey">40 bytes.</param>
/// <param name="Iv">12 bytes.</param>
/// <param name="Data">Ciphertext, then the tag of 16 bytes.</param>
public sealed record SealedEnvelope(byte[] WrappedKey, byte[] Iv, byte[] Data)
{
    /// <summary>Encrypts a value.</summary>
    /// <param name="place">Where it belongs.</param>
    /// <param name="resource">The resource that holds the key.</param>
    /// <param name="key">Its content, 32 bytes.</param>
    /// <param name="value">The value.</param>
    public static SealedEnvelope Encrypt(SealedPlace place, ResourceUri resource, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        byte[] wrapping = Checked(key), own = RandomNumberGenerator.GetBytes(Jwe.KeyBytes), iv = RandomNumberGenerator.GetBytes(Jwe.IvBytes), data = new byte[value.Length + Jwe.TagBytes];
        try
        {
            using AesGcm gcm = new(own, Jwe.TagBytes);
            gcm.Encrypt(iv, value, data.AsSpan(0, value.Length), data.AsSpan(value.Length), Associated(place, resource));
            return new(AesKeyWrap.Wrap(wrapping, own), iv, data);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(own);
            CryptographicOperations.ZeroMemory(wrapping);
        }
    }

    /// <summary>Decrypts it.</summary>
    /// <exception cref="SessionFormatException">Another key, place or resource, or the value was changed.</exception>
    public byte[] Decrypt(SealedPlace place, ResourceUri resource, ReadOnlySpan<byte> key)
    {
        byte[] wrapping = Checked(key);
        byte[] own = AesKeyWrap.Unwrap(wrapping, WrappedKey) ?? throw new SessionFormatException($"{resource} is not the key that this value was sealed with");
        byte[] value = new byte[Data.Length - Jwe.TagBytes];
        try
        {
            using AesGcm gcm = new(own, Jwe.TagBytes);
            gcm.Decrypt(Iv, Data.AsSpan(0, value.Length), Data.AsSpan(value.Length), value, Associated(place, resource));
            return value;
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new SessionFormatException("the sealed value was changed, or was sealed for another place");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(own);
            CryptographicOperations.ZeroMemory(wrapping);
        }
    }

    private static byte[] Checked(ReadOnlySpan<byte> key) =>
        key.Length == Jwe.KeyBytes ? key.ToArray() : throw new SessionFormatException($"a key that opens sealed values has {Jwe.KeyBytes} bytes, not {key.Length}");

    private static byte[] Associated(SealedPlace place, ResourceUri resource) =>
        CanonicalJson.Write(JsonValue.Object(new("pavise-sealed", JsonValue.Of("v1")), new("key_id", JsonValue.Of(resource.ToString())), new("annotations", place.ToJson())));
}
