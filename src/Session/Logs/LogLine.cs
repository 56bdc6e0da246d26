using System.Globalization;

namespace Pavise.Session.Logs;

/// <summary>
/// One line of a sealed log: <c>pavise1.h.STREAM.PART.PARTS.BASE64URL</c> (a part of a header) or <c>pavise1.r.STREAM.BASE64URL</c> (a record). STREAM is the
/// stream's random name, 22 characters. Only letters, digits, <c>-</c>, <c>_</c> and <c>.</c> occur, so that no log format changes a line.
/// </summary>
/// <param name="IsHeader">A part of a header; else a record.</param>
/// <param name="Stream">The stream's name.</param>
/// <param name="Part">Of a header: which part, from 1.</param>
/// <param name="Parts">Of a header: how many.</param>
/// <param name="Content">The content, decoded.</param>
internal sealed record LogLine(bool IsHeader, string Stream, int Part, int Parts, byte[] Content)
{
    public const string Magic = "pavise1.";
    public const int StreamChars = 22;

    /// <summary>Reads a line.</summary>
    /// <exception cref="SessionFormatException">It is no line of this form.</exception>
    public static LogLine Parse(string text)
    {
        string[] fields = text.Length <= LogLimits.LineBytes ? text.Split('.') : throw new SessionFormatException($"a line has at most {LogLimits.LineBytes} characters");
        bool header = fields is ["pavise1", "h", _, _, _, _], record = fields is ["pavise1", "r", _, _];
        if ((!header && !record) || fields[2].Length != StreamChars)
        {
            throw new SessionFormatException("a line is pavise1.h.STREAM.PART.PARTS.… or pavise1.r.STREAM.…");
        }

        _ = Jose.Base64Text.Decode(fields[2], "the stream's name");
        if (record)
        {
            return new(false, fields[2], 0, 0, Jose.Base64Text.Decode(fields[3], "a record"));
        }

        int part = Number(fields[3]), parts = Number(fields[4]);
        return part <= parts ? new(true, fields[2], part, parts, Jose.Base64Text.Decode(fields[5], "a header")) : throw new SessionFormatException("a header's part is beyond its parts");
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value is >= 1 and <= LogLimits.HeaderParts && text[0] != '0'
            ? value
            : throw new SessionFormatException($"a header has 1 to {LogLimits.HeaderParts} parts");
}
