using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Pavise.Session.Jose;

namespace Pavise.Session.Tests.Jose;

public sealed class TokenTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256), _other = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public void Dispose()
    {
        _key.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData(256)]
    [InlineData(384)]
    public void A_token_reads_back_as_it_was_made(int bits)
    {
        JwtKey key = JwtKey.Of(bits == 256 ? _key : _other);
        EarToken token = Token();
        EarToken read = EarToken.Verify(Jwt.Sign(key, token.ToClaims("test")), [key], Now);
        Assert.Equal(token with { TeePublicKey = read.TeePublicKey }, read);
        Assert.Equal(token.TeePublicKey.ToCanonical(), read.TeePublicKey.ToCanonical());
    }

    [Fact]
    public void Any_changed_character_of_a_token_is_refused()
    {
        JwtKey key = JwtKey.Of(_key);
        string token = Jwt.Sign(key, Token().ToClaims("test"));
        for (int i = 0; i < token.Length; i++)
        {
            char[] changed = token.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            Assert.Throws<SessionFormatException>(() => EarToken.Verify(new string(changed), [key], Now));
        }
    }

    [Fact]
    public void An_ended_a_future_and_a_foreign_token_are_refused()
    {
        JwtKey key = JwtKey.Of(_key);
        string token = Jwt.Sign(key, Token().ToClaims("test"));
        EarToken.Verify(token, [key], Now.AddMinutes(10).AddSeconds(-1));
        Assert.Contains("ended", Assert.Throws<SessionFormatException>(() => EarToken.Verify(token, [key], Now.AddMinutes(10))).Message, StringComparison.Ordinal);
        Assert.Contains("future", Assert.Throws<SessionFormatException>(() => EarToken.Verify(token, [key], Now.AddMinutes(-2))).Message, StringComparison.Ordinal);
        Assert.Contains("not known", Assert.Throws<SessionFormatException>(() => EarToken.Verify(token, [JwtKey.Of(_other)], Now)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    [InlineData("ES384")]
    public void A_token_cannot_choose_its_algorithm(string algorithm)
    {
        JwtKey key = JwtKey.Of(_key);
        string[] parts = Jwt.Sign(key, Token().ToClaims("test")).Split('.');
        string header = Base64Text.Encode(Encoding.UTF8.GetBytes($$"""{"typ":"JWT","alg":"{{algorithm}}","kid":"{{key.Id}}"}"""));
        Assert.Throws<SessionFormatException>(() => Jwt.Verify($"{header}.{parts[1]}.{parts[2]}", [key]));
        Assert.Throws<SessionFormatException>(() => Jwt.Verify($"{header}.{parts[1]}.", [key]));
    }

    [Fact]
    public void A_token_of_one_purpose_serves_no_other()
    {
        JwtKey key = JwtKey.Of(_key);
        Assert.Throws<SessionFormatException>(() => Jwt.Verify(Jwt.Sign(key, "{}"u8, "pavise-time+jwt"), [key]));
    }

    [Fact]
    public void A_signature_beside_a_document_holds_for_it_alone()
    {
        JwtKey key = JwtKey.Of(_other);
        byte[] document = "{\"a\":1}"u8.ToArray();
        string signature = DetachedSignature.Sign(key, document, DetachedSignature.PolicyType);
        Assert.Contains("..", signature, StringComparison.Ordinal);
        DetachedSignature.Verify(signature, document, [key], DetachedSignature.PolicyType);
        DetachedSignature.Verify(signature + "\n", document, [key], DetachedSignature.PolicyType);
        Assert.Throws<SessionFormatException>(() => DetachedSignature.Verify(signature, document, [key], "other"));
        Assert.Throws<SessionFormatException>(() => DetachedSignature.Verify(signature, document, [JwtKey.Of(_key)], DetachedSignature.PolicyType));
        for (int i = 0; i < document.Length; i++)
        {
            byte[] changed = [.. document];
            changed[i] ^= 1;
            Assert.Throws<SessionFormatException>(() => DetachedSignature.Verify(signature, changed, [key], DetachedSignature.PolicyType));
        }
    }

    [Fact]
    public void Any_text_is_a_token_or_refused() => Gen.Char["eyJhbGciOi.-_=\"{} "].Array[0, 120].Sample(text =>
    {
        JwtKey key = JwtKey.Of(_key);
        Assert.Throws<SessionFormatException>(() => Jwt.Verify(new string(text), [key]));
        Assert.Throws<SessionFormatException>(() => DetachedSignature.Verify(new string(text), [], [key], "x"));
    }, iter: 3000, threads: 1);

    private static EarToken Token()
    {
        using ExchangeKey key = ExchangeKey.CreateP256();
        return new()
        {
            Id = "id",
            IssuedAt = Now,
            ExpiresAt = Now.AddMinutes(10),
            Status = "affirming",
            Tee = "snp",
            InitData = new('a', 64),
            ReportData = new('b', 128),
            Measurement = new('c', 96),
            TeePublicKey = key.Public,
            Nonce = "nonce+/=",
            Policy = "redis@1",
        };
    }
}
