using System.Security.Cryptography;
using System.Text.Json;
using Pavise.Policy.Json;

namespace Pavise.Session.Jose;

/// <summary>
/// A public key as RFC 7517 and RFC 7518 section 6 write it: EC on P-256, P-384 or P-521, or RSA. The members are kept as they were sent, since the key
/// broker protocol hashes them.
/// </summary>
public sealed class Jwk
{
    private readonly JsonValue _members;
    private readonly ECParameters? _ec;
    private readonly RSAParameters? _rsa;

    private Jwk(JsonValue members, ECParameters? ec, RSAParameters? rsa, string? algorithm) =>
        (_members, _ec, _rsa, Algorithm, Thumbprint) = (members, ec, rsa, algorithm, MakeThumbprint(members, ec, rsa));

    /// <summary><c>alg</c>, or null.</summary>
    public string? Algorithm { get; }

    /// <summary>RFC 7638 thumbprint with SHA-256, base64url: names this key whatever other members it was sent with.</summary>
    public string Thumbprint { get; }

    /// <summary>The curve's name, or null for RSA.</summary>
    public string? Curve => _ec is null ? null : Member("crv");

    /// <summary>The key in the canonical form of RFC 8785, with all members that were sent.</summary>
    public byte[] ToCanonical() => CanonicalJson.Write(_members);

    internal JsonValue Members => _members;

    /// <summary>Reads a key. At most 8 members, all texts.</summary>
    /// <exception cref="SessionFormatException">It is no public key of a known kind, or the point is not on its curve.</exception>
    public static Jwk Parse(JsonElement element)
    {
        List<KeyValuePair<string, JsonValue>> members = [];
        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (members.Count == 8)
            {
                throw new SessionFormatException("a key has at most 8 members");
            }

            members.Add(new(member.Name, JsonValue.Of(member.Value.GetString() ?? throw new SessionFormatException($"{member.Name} of a key must be a text"))));
        }

        return Of(JsonValue.Object([.. members]));
    }

    /// <summary>Writes an EC public key.</summary>
    /// <param name="key">P-256, P-384 or P-521.</param>
    /// <param name="algorithm"><c>alg</c>, or null for none.</param>
    public static Jwk OfEc(ECParameters key, string? algorithm)
    {
        string curve = CurveOfSize(key.Q.X!.Length);
        List<KeyValuePair<string, JsonValue>> members = [new("kty", JsonValue.Of("EC")), new("crv", JsonValue.Of(curve))];
        if (algorithm is not null)
        {
            members.Add(new("alg", JsonValue.Of(algorithm)));
        }

        members.Add(new("x", JsonValue.Of(Base64Text.Encode(key.Q.X))));
        members.Add(new("y", JsonValue.Of(Base64Text.Encode(key.Q.Y))));
        return new(JsonValue.Object([.. members]), new ECParameters { Curve = key.Curve, Q = key.Q }, null, algorithm);
    }

    /// <summary>Writes an RSA public key.</summary>
    public static Jwk OfRsa(RSAParameters key, string? algorithm)
    {
        List<KeyValuePair<string, JsonValue>> members = [new("kty", JsonValue.Of("RSA"))];
        if (algorithm is not null)
        {
            members.Add(new("alg", JsonValue.Of(algorithm)));
        }

        members.Add(new("n", JsonValue.Of(Base64Text.Encode(key.Modulus))));
        members.Add(new("e", JsonValue.Of(Base64Text.Encode(key.Exponent))));
        return new(JsonValue.Object([.. members]), null, new RSAParameters { Modulus = key.Modulus, Exponent = key.Exponent }, algorithm);
    }

    /// <summary>The key for verifying, when it is an EC key.</summary>
    public ECParameters? Ec => _ec;

    internal RSAParameters? Rsa => _rsa;

    internal void Write(Utf8JsonWriter json) => json.WriteRawValue(ToCanonical(), skipInputValidation: true);

    internal static Jwk Of(JsonValue members)
    {
        string? Get(string name) => members.Find(name) is { Kind: JsonKind.String } v ? v.Text : null;
        switch (Get("kty"))
        {
            case "EC":
                (ECCurve curve, int size) = CurveOfName(Get("crv"));
                byte[] x = Base64Text.Decode(Get("x"), "x of a key"), y = Base64Text.Decode(Get("y"), "y of a key");
                if (x.Length != size || y.Length != size)
                {
                    throw new SessionFormatException($"x and y of a key on {Get("crv")} have {size} bytes");
                }

                ECParameters ec = new() { Curve = curve, Q = new() { X = x, Y = y } };
                return CurveEquation.Holds(x, y) ? new(members, ec, null, Get("alg")) : throw new SessionFormatException("the point of a key is not on its curve");
            case "RSA":
                byte[] n = Base64Text.Decode(Get("n"), "n of a key"), e = Base64Text.Decode(Get("e"), "e of a key");
                int bits = n.Length == 0 || n[0] == 0 ? 0 : n.Length * 8;
                return bits is >= SessionLimits.RsaLeastBits and <= SessionLimits.RsaMostBits && e.Length is >= 1 and <= 4
                    ? new(members, null, new RSAParameters { Modulus = n, Exponent = e }, Get("alg"))
                    : throw new SessionFormatException($"an RSA key has {SessionLimits.RsaLeastBits} to {SessionLimits.RsaMostBits} bits and an exponent of at most 4 bytes");
            default:
                throw new SessionFormatException("kty of a key must be EC or RSA");
        }
    }

    private string Member(string name) => _members.Find(name)!.Text;

    private static (ECCurve Curve, int Size) CurveOfName(string? name) => name switch
    {
        JoseNames.P256 => (ECCurve.NamedCurves.nistP256, 32),
        JoseNames.P384 => (ECCurve.NamedCurves.nistP384, 48),
        JoseNames.P521 => (ECCurve.NamedCurves.nistP521, 66),
        _ => throw new SessionFormatException("crv of a key must be P-256, P-384 or P-521"),
    };

    private static string CurveOfSize(int bytes) => bytes switch
    {
        32 => JoseNames.P256,
        48 => JoseNames.P384,
        66 => JoseNames.P521,
        _ => throw new ArgumentException("the curve must be P-256, P-384 or P-521"),
    };

    private static string MakeThumbprint(JsonValue members, ECParameters? ec, RSAParameters? rsa)
    {
        KeyValuePair<string, JsonValue> Of(string name) => new(name, members.Find(name)!);
        JsonValue required = ec is not null
            ? JsonValue.Object(Of("crv"), Of("kty"), Of("x"), Of("y"))
            : JsonValue.Object(Of("e"), Of("kty"), Of("n"));
        return Base64Text.Encode(SHA256.HashData(CanonicalJson.Write(required)));
    }
}
