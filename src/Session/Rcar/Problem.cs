using System.Text.Json;

namespace Pavise.Session.Rcar;

/// <summary>An error answer (RFC 7807): <c>type</c> names the reason, <c>detail</c> says it to a person.</summary>
/// <param name="Type">A URI whose last part names the reason.</param>
/// <param name="Detail">One sentence or two.</param>
public sealed record Problem(string Type, string Detail)
{
    /// <summary>Media type of the message.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>Beginning of the types of a Pavise broker.</summary>
    public const string TypePrefix = "https://pavise.dev/errors/";

    /// <summary>The last part of the type.</summary>
    public string Reason => Type[(Type.LastIndexOf('/') + 1)..];

    /// <summary>Writes the message.</summary>
    public byte[] Write(int status) => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("type", Type);
        json.WriteNumber("status", status);
        json.WriteString("detail", Detail);
        json.WriteEndObject();
    });

    /// <summary>Reads the message; anything else becomes a problem without detail.</summary>
    public static Problem Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return SessionJson.Read(utf8, SessionLimits.RequestBytes, "an error", root =>
                new Problem(root.OptionalText("type", 1024) ?? "about:blank", Printable(root.OptionalText("detail", 16 * 1024) ?? "")));
        }
        catch (SessionFormatException)
        {
            return new("about:blank", "the broker gave no reason");
        }
    }

    private static string Printable(string text) => new([.. text.Take(1024).Select(c => char.IsControl(c) ? ' ' : c)]);
}
