namespace Pavise.Session.Extensions;

/// <summary>
/// Where a guest's audit stands: <c>POST /kbs/v0/pavise/audit-head</c>. The broker keeps it and lets the sequence only grow, so that the owner sees a cut.
/// </summary>
/// <param name="Boot">Names the boot: hexadecimal SHA-256 of the boot key's SubjectPublicKeyInfo.</param>
/// <param name="Sequence">Number of the newest entry.</param>
/// <param name="Head">Its hash, hexadecimal.</param>
public sealed record AuditHead(string Boot, long Sequence, string Head)
{
    /// <summary>Writes the message.</summary>
    public byte[] Write() => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("boot", Boot);
        json.WriteNumber("sequence", Sequence);
        json.WriteString("head", Head);
        json.WriteEndObject();
    });

    /// <summary>Reads the message.</summary>
    /// <exception cref="SessionFormatException">What is wrong with it.</exception>
    public static AuditHead Parse(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.RequestBytes, "an audit head", root =>
    {
        AuditHead head = new(root.Text("boot", 64), root.GetProperty("sequence").GetInt64(), root.Text("head", 128));
        return head.Sequence >= 0 && IsHex(head.Boot, 64) && (IsHex(head.Head, 64) || IsHex(head.Head, 96) || IsHex(head.Head, 128))
            ? head
            : throw new SessionFormatException("an audit head has boot (64 hexadecimal digits), sequence (not negative) and head (64, 96 or 128 hexadecimal digits)");
    });

    private static bool IsHex(string text, int length) => text.Length == length && text.All(char.IsAsciiHexDigitLower);
}
