using System.Buffers;
using System.Text;
using Google.Protobuf;

namespace Pavise.Boundary.GuestApi;

/// <summary>The rules that fields of the guest API share. Each returns null when the value is within its limits.</summary>
internal static class FieldRules
{
    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

    private static readonly SearchValues<char> HostnameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-");

    public static FieldViolation? Id(string field, string value) =>
        value.Length == 0 ? new(field, "is empty") : OptionalId(field, value);

    public static FieldViolation? OptionalId(string field, string value) => value switch
    {
        { Length: > BoundaryLimits.IdBytes } => new(field, $"is longer than {BoundaryLimits.IdBytes} bytes"),
        "." or ".." => new(field, "is not a name"),
        _ when value.AsSpan().ContainsAnyExcept(IdCharacters) => new(field, "holds characters other than A-Z a-z 0-9 _ . -"),
        _ => null,
    };

    public static FieldViolation? OptionalHostname(string field, string value) => value switch
    {
        "" => null,
        { Length: > BoundaryLimits.HostnameBytes } => new(field, $"is longer than {BoundaryLimits.HostnameBytes} bytes"),
        _ when value.AsSpan().ContainsAnyExcept(HostnameCharacters) => new(field, "holds characters other than A-Z a-z 0-9 . -"),
        _ when value[0] is '.' or '-' => new(field, "begins with a dot or a hyphen"),
        _ => null,
    };

    /// <summary>An absolute path without empty, <c>.</c> or <c>..</c> components.</summary>
    public static FieldViolation? AbsolutePath(string field, string value)
    {
        if (value.Length == 0 || value[0] != '/')
        {
            return new(field, "is not an absolute path");
        }

        if (Encoding.UTF8.GetByteCount(value) >= BoundaryLimits.PathBytes)
        {
            return new(field, $"is not shorter than {BoundaryLimits.PathBytes} bytes");
        }

        foreach (Range range in value.AsSpan(1).Split('/'))
        {
            if (Component(field, value.AsSpan(1)[range]) is { } violation)
            {
                return violation;
            }
        }

        return null;
    }

    public static FieldViolation? OptionalFileName(string field, string value) =>
        value.Length == 0 ? null : value.Contains('/') ? new(field, "holds a slash") : Component(field, value);

    public static FieldViolation? Bytes(string field, ByteString value, int least, int most) =>
        value.Length < least ? new(field, least == 1 ? "is empty" : $"is shorter than {least} bytes")
        : value.Length > most ? new(field, $"is longer than {most} bytes")
        : null;

    public static FieldViolation? Number(string field, ulong value, ulong least, ulong most) =>
        value < least || value > most ? new(field, $"is not between {least} and {most}") : null;

    private static FieldViolation? Component(string field, ReadOnlySpan<char> name) => name switch
    {
        "" => new(field, "holds an empty name"),
        "." or ".." => new(field, "holds a relative name"),
        _ when Encoding.UTF8.GetByteCount(name) > BoundaryLimits.NameBytes => new(field, $"holds a name longer than {BoundaryLimits.NameBytes} bytes"),
        _ when HasControl(name) => new(field, "holds control characters or text that is not UTF-8"),
        _ => null,
    };

    private static bool HasControl(ReadOnlySpan<char> name)
    {
        foreach (char c in name)
        {
            if (char.IsControl(c) || c == '\uFFFD')
            {
                return true;
            }
        }

        return false;
    }
}
