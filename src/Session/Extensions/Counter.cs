namespace Pavise.Session.Extensions;

/// <summary>
/// A freshness counter, named like the resource whose release rule guards it (a volume's key): <c>POST /kbs/v0/pavise/counter/a/b/c</c>
/// <c>{"expected":N,"value":M}</c> moves it from N to M &gt; N and answers <c>{"value":M}</c>; an empty object only reads. Another value than N there is
/// refused as <c>counter-conflict</c>, M ≤ N as <c>counter-backwards</c>. A counter that was never written is 0.
/// </summary>
/// <param name="Expected">What the guest knows the counter to be; null to read.</param>
/// <param name="Value">What it shall be.</param>
public sealed record CounterRequest(long? Expected, long? Value)
{
    /// <summary>Writes the message.</summary>
    public byte[] Write() => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        if (Expected is { } expected && Value is { } value)
        {
            json.WriteNumber("expected", expected);
            json.WriteNumber("value", value);
        }

        json.WriteEndObject();
    });

    /// <summary>Reads the message.</summary>
    /// <exception cref="SessionFormatException">What is wrong with it.</exception>
    public static CounterRequest Parse(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.RequestBytes, "a counter request", root =>
    {
        CounterRequest request = new(root.OptionalNumber("expected"), root.OptionalNumber("value"));
        return (request.Expected is null) == (request.Value is null) && request is not { Expected: < 0 } and not { Value: < 0 }
            ? request
            : throw new SessionFormatException("a counter request has both expected and value, or neither; neither is negative");
    });

    /// <summary>Writes the answer.</summary>
    public static byte[] WriteAnswer(long value) => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("value", value);
        json.WriteEndObject();
    });

    /// <summary>Reads the answer.</summary>
    public static long ParseAnswer(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.RequestBytes, "a counter's answer", root => root.GetProperty("value").GetInt64());
}
