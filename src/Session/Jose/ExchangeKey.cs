using System.Security.Cryptography;
using System.Text.Json;

namespace Pavise.Session.Jose;

/// <summary>The guest's key of one exchange with a key broker: secrets are encrypted to it. Lives in memory only.</summary>
public sealed class ExchangeKey : IDisposable
{
    private readonly ECDiffieHellman? _ec;
    private readonly RSA? _rsa;

    private ExchangeKey(ECDiffieHellman? ec, RSA? rsa)
    {
        (_ec, _rsa) = (ec, rsa);
        Public = ec is not null ? Jwk.OfEc(ec.ExportParameters(false), JoseNames.EcdhEsA256Kw) : Jwk.OfRsa(rsa!.ExportParameters(false), JoseNames.RsaOaep256);
    }

    /// <summary>The public half, as <c>tee-pubkey</c>.</summary>
    public Jwk Public { get; }

    /// <summary>A new key on P-256, what every broker of the protocol knows.</summary>
    public static ExchangeKey CreateP256() => new(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256), null);

    /// <summary>A new key on P-521.</summary>
    public static ExchangeKey CreateP521() => new(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP521), null);

    internal static ExchangeKey Of(ECDiffieHellman key) => new(key, null);

    internal static ExchangeKey Of(RSA key) => new(null, key);

    /// <summary>Opens what was encrypted to this key.</summary>
    /// <param name="jwe">Flattened JSON serialisation.</param>
    /// <exception cref="SessionFormatException">It is no such message, or it was not encrypted to this key, or a byte of it was changed.</exception>
    public byte[] Open(ReadOnlyMemory<byte> jwe) => Open(JweMessage.Parse(jwe));

    internal byte[] Open(JweMessage message)
    {
        byte[] key = SessionJson.Read(Base64Text.Decode(message.Protected, "protected"), SessionLimits.RequestBytes, "the protected header", header => Key(header, message));
        try
        {
            if (message.Iv.Length != Jwe.IvBytes || message.Tag.Length != Jwe.TagBytes || key.Length != Jwe.KeyBytes)
            {
                throw Refused();
            }

            byte[] content = new byte[message.Ciphertext.Length];
            using AesGcm gcm = new(key, Jwe.TagBytes);
            gcm.Decrypt(message.Iv, message.Ciphertext, message.Tag, content, message.AuthenticatedData);
            return content;
        }
        catch (CryptographicException)
        {
            throw Refused();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ec?.Dispose();
        _rsa?.Dispose();
    }

    private byte[] Key(JsonElement header, JweMessage message)
    {
        string algorithm = header.Text("alg", 64);
        if (header.Text("enc", 64) != JoseNames.A256Gcm || header.TryGetProperty("zip", out _) || header.TryGetProperty("crit", out _))
        {
            throw new SessionFormatException("an encrypted answer must have enc A256GCM and neither zip nor crit");
        }

        try
        {
            return (algorithm, _ec, _rsa) switch
            {
                (JoseNames.EcdhEsA256Kw, { } ec, _) => Agree(ec, header, message.EncryptedKey),
                (JoseNames.RsaOaep256, _, { } rsa) => rsa.Decrypt(message.EncryptedKey, RSAEncryptionPadding.OaepSHA256),
                _ => throw new SessionFormatException("an encrypted answer has another alg than this key"),
            };
        }
        catch (CryptographicException)
        {
            throw Refused();
        }
    }

    private byte[] Agree(ECDiffieHellman own, JsonElement header, byte[] encryptedKey)
    {
        Jwk epk = Jwk.Parse(header.GetProperty("epk"));
        if (epk.Ec is not { } other || epk.Curve != Public.Curve)
        {
            throw new SessionFormatException("epk is on another curve than this key");
        }

        byte[] secret = Jwe.Secret(own, other);
        byte[] wrapping = ConcatKdf.Derive(secret, JoseNames.EcdhEsA256Kw, Party(header, "apu"), Party(header, "apv"), Jwe.KeyBytes * 8);
        CryptographicOperations.ZeroMemory(secret);
        byte[]? key = AesKeyWrap.Unwrap(wrapping, encryptedKey);
        CryptographicOperations.ZeroMemory(wrapping);
        return key ?? throw Refused();
    }

    private static byte[] Party(JsonElement header, string name) => header.OptionalText(name, 1024) is { } text ? Base64Text.Decode(text, name) : [];

    private static SessionFormatException Refused() => new("an encrypted answer was not made for this key, or was changed on the way");
}
