using Pavise.Session.Jose;

namespace Pavise.Session.Extensions;

/// <summary>
/// The broker's time, signed: <c>POST /kbs/v0/pavise/time</c> <c>{"nonce":text}</c> answers <c>{"time":JWT}</c> with <c>typ</c> <c>pavise-time+jwt</c> and claims
/// <c>{"nonce","ms"}</c>. The nonce bounds its age: it is not older than the question.
/// </summary>
public static class SignedTime
{
    private const string Type = "pavise-time+jwt";

    /// <summary>Writes the request.</summary>
    public static byte[] WriteRequest(string nonce) => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("nonce", nonce);
        json.WriteEndObject();
    });

    /// <summary>Reads the request: the nonce.</summary>
    public static string ParseRequest(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.RequestBytes, "a time request", root => root.Text("nonce", 128));

    /// <summary>Writes the answer.</summary>
    public static byte[] WriteAnswer(JwtKey key, string nonce, DateTimeOffset now)
    {
        byte[] claims = SessionJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("nonce", nonce);
            json.WriteNumber("ms", now.ToUnixTimeMilliseconds());
            json.WriteEndObject();
        });
        string token = Jwt.Sign(key, claims, Type);
        return SessionJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("time", token);
            json.WriteEndObject();
        });
    }

    /// <summary>Checks the answer.</summary>
    /// <exception cref="SessionFormatException">Not signed by the broker, or the answer to another question.</exception>
    public static DateTimeOffset ParseAnswer(ReadOnlyMemory<byte> utf8, IReadOnlyList<JwtKey> keys, string nonce)
    {
        string token = SessionJson.Read(utf8, SessionLimits.RequestBytes, "a time", root => root.Text("time", SessionLimits.TokenChars));
        return SessionJson.Read(Jwt.Verify(token, keys, Type), SessionLimits.RequestBytes, "a time", root =>
        {
            long ms = root.GetProperty("ms").GetInt64();
            return root.Text("nonce", 128) != nonce ? throw new SessionFormatException("the time answers another question")
                : ms is >= 0 and < 253_402_300_800_000 ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
                : throw new SessionFormatException("the time is out of range");
        });
    }
}
