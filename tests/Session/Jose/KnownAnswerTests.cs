using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Pavise.Session.Jose;

namespace Pavise.Session.Tests.Jose;

/// <summary>The examples of the standards themselves.</summary>
public sealed class KnownAnswerTests
{
    [Theory]
    [InlineData("000102030405060708090A0B0C0D0E0F", "00112233445566778899AABBCCDDEEFF", "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5")] // 4.1
    [InlineData("000102030405060708090A0B0C0D0E0F1011121314151617", "00112233445566778899AABBCCDDEEFF0001020304050607", "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2")] // 4.4
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "00112233445566778899AABBCCDDEEFF", "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7")] // 4.3
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F", "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21")] // 4.6
    public void A_key_is_wrapped_as_in_RFC_3394(string key, string plain, string wrapped)
    {
        Assert.Equal(wrapped, Convert.ToHexString(AesKeyWrap.Wrap(Convert.FromHexString(key), Convert.FromHexString(plain))));
        Assert.Equal(plain, Convert.ToHexString(AesKeyWrap.Unwrap(Convert.FromHexString(key), Convert.FromHexString(wrapped))!));
    }

    [Fact]
    public void A_key_is_agreed_and_derived_as_in_RFC_7518_appendix_C()
    {
        using ECDiffieHellman alice = Key("gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0", "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps", "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo");
        Jwk bob = Ec("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck");
        byte[] secret = Jwe.Secret(alice, bob.Ec!.Value);
        Assert.Equal(
            [158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196],
            secret);
        byte[] derived = ConcatKdf.Derive(secret, "A128GCM", Encoding.ASCII.GetBytes("Alice"), Encoding.ASCII.GetBytes("Bob"), 128);
        Assert.Equal("VqqN6vgjbSBcIijNcacQGg", Base64Url.EncodeToString(derived));
    }

    [Fact]
    public void A_token_of_RFC_7515_appendix_A_3_verifies()
    {
        // The example has no kid, which tokens here must have: the same key and claims, and the example's own signature over its own input.
        using ECDsa key = ECDsa.Create(Ec("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0").Ec!.Value);
        const string input = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        byte[] signature = Base64Text.Decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q", "a signature");
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes(input), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    [Fact]
    public void A_thumbprint_is_that_of_RFC_7638_section_3_1()
    {
        Jwk key = SessionJson.Read(Encoding.ASCII.GetBytes("""
            {"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}
            """), 4096, "a key", Jwk.Parse);
        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", key.Thumbprint);
    }

    [Fact]
    public void A_message_of_RFC_7516_appendix_A_1_has_these_parts()
    {
        // A256GCM under the example's content key, IV and header gives the example's ciphertext and tag.
        byte[] key = [177, 161, 244, 128, 84, 143, 225, 115, 63, 180, 3, 255, 107, 154, 212, 246, 138, 7, 110, 91, 112, 46, 34, 105, 47, 130, 203, 46, 122, 234, 64, 252];
        byte[] iv = [227, 197, 117, 252, 2, 219, 233, 68, 180, 225, 77, 219];
        byte[] text = Encoding.ASCII.GetBytes("The true sign of intelligence is not knowledge but imagination.");
        JweMessage message = new("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ", [], iv, new byte[text.Length], new byte[16], null);
        using AesGcm gcm = new(key, 16);
        gcm.Encrypt(iv, text, message.Ciphertext, message.Tag, message.AuthenticatedData);
        Assert.Equal("5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A", Base64Url.EncodeToString(message.Ciphertext));
        Assert.Equal("XFBoMYUZodetZdvTiFvSkQ", Base64Url.EncodeToString(message.Tag));
    }

    // Known answers of virtee/kbs-types 034d57d (src/lib.rs), the message types that Trustee's broker and clients share.
    [Theory]
    [InlineData("eyJhbGciOiJmYWtlYWxnIiwiZW5jIjoiZmFrZWVuYyJ9", null)]
    [InlineData("eyJhbGciOiJmYWtlYWxnIiwiZW5jIjoiZmFrZWVuYyIsImZha2VmaWVsZCI6ImZha2V2YWx1ZSJ9", "fakeaad")]
    public void A_response_of_Trustees_message_types_is_read_and_written_as_there(string header, string? aad)
    {
        string json = $$"""{"protected":"{{header}}","encrypted_key":"ZmFrZWtleQ","iv":"cmFuZG9tZGF0YQ","ciphertext":"ZmFrZWVuY291dHB1dA","tag":"ZmFrZXRhZw"{{(aad is null ? "" : $",\"aad\":\"{aad}\"")}}}""";
        JweMessage message = JweMessage.Parse(Encoding.ASCII.GetBytes(json));
        Assert.Equal(("fakekey", "randomdata", "fakeencoutput", "faketag"), (Text(message.EncryptedKey), Text(message.Iv), Text(message.Ciphertext), Text(message.Tag)));
        Assert.Equal(json, Text(message.Write()));
        Assert.Equal(aad is null ? header : $"{header}.{aad}", Text(message.AuthenticatedData));
        if (aad is null)
        {
            Assert.Equal(header, Base64Url.EncodeToString("{\"alg\":\"fakealg\",\"enc\":\"fakeenc\"}"u8));
        }
    }

    [Fact]
    public void Where_a_broker_repeats_the_header_as_aad_the_message_still_opens()
    {
        using ExchangeKey key = ExchangeKey.CreateP256();
        JweMessage message = JweMessage.Parse(Jwe.Encrypt(key.Public, "secret"u8));
        Assert.Equal("secret", Text(key.Open(message with { Aad = message.Protected })));
    }

    private static string Text(byte[] bytes) => Encoding.ASCII.GetString(bytes);

    private static Jwk Ec(string x, string y) =>
        SessionJson.Read(Encoding.ASCII.GetBytes($$"""{"kty":"EC","crv":"P-256","x":"{{x}}","y":"{{y}}"}"""), 4096, "a key", Jwk.Parse);

    private static ECDiffieHellman Key(string x, string y, string d)
    {
        ECParameters parameters = Ec(x, y).Ec!.Value;
        parameters.D = Base64Url.DecodeFromChars(d);
        return ECDiffieHellman.Create(parameters);
    }
}
