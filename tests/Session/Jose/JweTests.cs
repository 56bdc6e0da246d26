using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsCheck;
using Pavise.Session.Jose;

namespace Pavise.Session.Tests.Jose;

public sealed class JweTests
{
    [Fact]
    public void What_is_encrypted_to_a_key_opens_with_it() => Gen.Select(Gen.Byte.Array[0, 3000], Gen.Bool).Sample((content, p521) =>
    {
        using ExchangeKey key = p521 ? ExchangeKey.CreateP521() : ExchangeKey.CreateP256();
        return key.Open(Jwe.Encrypt(key.Public, content)).AsSpan().SequenceEqual(content);
    }, iter: 60, threads: 1);

    [Fact]
    public void What_is_encrypted_to_an_RSA_key_opens_with_it()
    {
        using RSA rsa = RSA.Create(2048);
        ExchangeKey key = ExchangeKey.Of(rsa);
        Assert.Equal("secret"u8.ToArray(), key.Open(Jwe.Encrypt(key.Public, "secret"u8)));
    }

    [Fact]
    public void Another_key_opens_nothing()
    {
        using ExchangeKey key = ExchangeKey.CreateP256(), other = ExchangeKey.CreateP256(), longer = ExchangeKey.CreateP521();
        byte[] jwe = Jwe.Encrypt(key.Public, "secret"u8);
        Assert.Throws<SessionFormatException>(() => other.Open(jwe));
        Assert.Throws<SessionFormatException>(() => longer.Open(jwe));
    }

    [Fact]
    public void Any_changed_byte_of_any_part_is_refused()
    {
        using ExchangeKey key = ExchangeKey.CreateP256();
        JweMessage message = JweMessage.Parse(Jwe.Encrypt(key.Public, "secret"u8));
        byte[] header = Encoding.ASCII.GetBytes(message.Protected);
        for (int i = 0; i < header.Length; i++)
        {
            byte[] changed = [.. header];
            changed[i] = changed[i] == (byte)'A' ? (byte)'B' : (byte)'A';
            Refused(key, message with { Protected = Encoding.ASCII.GetString(changed) });
        }

        foreach ((byte[] part, Func<byte[], JweMessage> with) in Parts(message))
        {
            for (int i = 0; i < part.Length; i++)
            {
                byte[] changed = [.. part];
                changed[i] ^= 1;
                Refused(key, with(changed));
            }

            Refused(key, with(part[..^1]));
            Refused(key, with([.. part, 0]));
        }

        Refused(key, message with { Aad = "AAAA" });
    }

    [Fact]
    public void The_protected_header_is_in_the_order_in_which_Trustees_clients_write_it_again()
    {
        using ExchangeKey key = ExchangeKey.CreateP256();
        string header = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(JweMessage.Parse(Jwe.Encrypt(key.Public, "x"u8)).Protected));
        Assert.Matches("""^\{"alg":"ECDH-ES\+A256KW","enc":"A256GCM","epk":\{"crv":"P-256","kty":"EC","x":"[\w-]{43}","y":"[\w-]{43}"\}\}$""", header);
    }

    [Theory]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}""")]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""")]
    [InlineData("""{"kty":"EC","crv":"secp256k1","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""")]
    [InlineData("""{"kty":"RSA","n":"AQAB","e":"AQAB"}""")]
    [InlineData("""{"kty":"oct","k":"AAAA"}""")]
    [InlineData("""{"kty":1}""")]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    public void What_is_no_public_key_is_refused(string jwk) =>
        Assert.Throws<SessionFormatException>(() => SessionJson.Read(Encoding.UTF8.GetBytes(jwk), 4096, "a key", Jwk.Parse));

    [Fact]
    public void A_point_is_on_its_curve_exactly_when_the_cryptographic_library_says_so()
    {
        foreach (ECCurve curve in (ECCurve[])[ECCurve.NamedCurves.nistP256, ECCurve.NamedCurves.nistP384, ECCurve.NamedCurves.nistP521])
        {
            for (int i = 0; i < 20; i++)
            {
                using ECDiffieHellman key = ECDiffieHellman.Create(curve);
                ECPoint point = key.ExportParameters(false).Q;
                Assert.True(CurveEquation.Holds(point.X, point.Y));
                Assert.False(CurveEquation.Holds(point.Y, point.X));
                for (int bit = 0; bit < 8; bit++)
                {
                    byte[] x = [.. point.X!];
                    x[(i * 7 + bit) % x.Length] ^= (byte)(1 << bit);
                    Assert.Equal(Imports(curve, x, point.Y!), CurveEquation.Holds(x, point.Y));
                }
            }

            // The field's own prime in place of zero, and zero.
            int size = curve.Oid.FriendlyName == ECCurve.NamedCurves.nistP521.Oid.FriendlyName ? 66 : curve.Oid.FriendlyName == ECCurve.NamedCurves.nistP384.Oid.FriendlyName ? 48 : 32;
            byte[] ones = [.. Enumerable.Repeat((byte)0xFF, size)], zeros = new byte[size];
            Assert.False(CurveEquation.Holds(ones, ones) || CurveEquation.Holds(zeros, zeros) || CurveEquation.Holds(ones, zeros));
        }
    }

    private static bool Imports(ECCurve curve, byte[] x, byte[] y)
    {
        try
        {
            using ECDiffieHellman _ = ECDiffieHellman.Create(new ECParameters { Curve = curve, Q = new() { X = x, Y = y } });
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    [Fact]
    public void Any_bytes_are_a_message_or_refused() => Gen.Byte.Array[0, 200].Sample(bytes => Survives(() => JweMessage.Parse(bytes)), iter: 3000, threads: 1);

    [Fact]
    public void Any_damage_to_a_message_is_refused_or_harmless()
    {
        using ExchangeKey key = ExchangeKey.CreateP256();
        byte[] jwe = Jwe.Encrypt(key.Public, "secret"u8);
        Gen.Select(Gen.Int[0, jwe.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            byte[] changed = [.. jwe];
            changed[at] = value;
            Survives(() => Assert.Equal("secret"u8.ToArray(), key.Open(changed)));
        }, iter: 2000, threads: 1);
    }

    private static IEnumerable<(byte[], Func<byte[], JweMessage>)> Parts(JweMessage m) =>
    [
        (m.EncryptedKey, p => m with { EncryptedKey = p }), (m.Iv, p => m with { Iv = p }), (m.Ciphertext, p => m with { Ciphertext = p }), (m.Tag, p => m with { Tag = p }),
    ];

    private static void Refused(ExchangeKey key, JweMessage message) => Assert.Throws<SessionFormatException>(() => key.Open(message));

    private static void Survives(Action read)
    {
        try
        {
            read();
        }
        catch (SessionFormatException)
        {
        }
    }
}
