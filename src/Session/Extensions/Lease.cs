using System.Text.Json;

namespace Pavise.Session.Extensions;

/// <summary>
/// An instance lease on a resource whose rule limits the instances: <c>POST /kbs/v0/pavise/lease/a/b/c</c> with <c>{"seconds":N}</c> acquires,
/// with <c>{"seconds":N,"fencing":F}</c> renews, with <c>{"seconds":0,"fencing":F}</c> gives back.
/// </summary>
/// <param name="Seconds">How long from now, 0 to give back.</param>
/// <param name="Fencing">The lease to renew or give back; null to acquire.</param>
public sealed record LeaseRequest(int Seconds, long? Fencing)
{
    /// <summary>Longest lease.</summary>
    public const int MostSeconds = 24 * 3600;

    /// <summary>Writes the message.</summary>
    public byte[] Write() => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("seconds", Seconds);
        if (Fencing is { } fencing)
        {
            json.WriteNumber("fencing", fencing);
        }

        json.WriteEndObject();
    });

    /// <summary>Reads the message.</summary>
    /// <exception cref="SessionFormatException">What is wrong with it.</exception>
    public static LeaseRequest Parse(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.RequestBytes, "a lease request", root =>
    {
        LeaseRequest request = new(root.GetProperty("seconds").GetInt32(), root.OptionalNumber("fencing"));
        return request.Seconds is >= 0 and <= MostSeconds && (request.Seconds > 0 || request.Fencing is not null)
            ? request
            : throw new SessionFormatException($"seconds must be 1 to {MostSeconds}, or 0 with the fencing number of the lease to give back");
    });
}

/// <summary>A lease that was given.</summary>
/// <param name="Fencing">Grows with each lease of the resource: storage refuses a smaller one than it has seen, however clocks run.</param>
/// <param name="ExpiresAt">By the broker's clock.</param>
/// <param name="Slot">0 to N - 1, where N instances may live at once.</param>
public sealed record LeaseGrant(long Fencing, DateTimeOffset ExpiresAt, int Slot)
{
    /// <summary>Writes the answer.</summary>
    public byte[] Write() => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("fencing", Fencing);
        json.WriteNumber("expires", ExpiresAt.ToUnixTimeMilliseconds());
        json.WriteNumber("slot", Slot);
        json.WriteEndObject();
    });

    /// <summary>Reads the answer.</summary>
    public static LeaseGrant Parse(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.RequestBytes, "a lease", Read);

    private static LeaseGrant Read(JsonElement root)
    {
        long expires = root.GetProperty("expires").GetInt64();
        return expires is >= 0 and < 253_402_300_800_000
            ? new(root.GetProperty("fencing").GetInt64(), DateTimeOffset.FromUnixTimeMilliseconds(expires), root.GetProperty("slot").GetInt32())
            : throw new SessionFormatException("expires of a lease is no time");
    }
}
