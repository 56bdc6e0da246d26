using System.Globalization;
using System.Text;

namespace Pavise.Cri.Logs;

/// <summary>
/// The log format that CRI runtimes write and <c>kubectl logs</c> reads: <c>TIME STREAM TAGS TEXT</c>, the time in RFC 3339 with
/// nanoseconds, the first tag P (partial) or F (full), tags separated by colons.
/// </summary>
public static class CriLog
{
    /// <summary>Parses one line.</summary>
    /// <exception cref="FormatException">The line is not of the format.</exception>
    public static LogLine Parse(string line)
    {
        string[] parts = line.Split(' ', 4);
        if (parts.Length != 4 || parts[1] is not ("stdout" or "stderr") || parts[2].Split(':')[0] is not ("P" or "F"))
        {
            throw new FormatException($"not a line of a container's log: '{line}'");
        }

        // .NET reads seven digits of a second; the format has nine, or fewer where the rest is zero.
        string time = parts[0];
        int point = time.IndexOf('.'), end = time.IndexOfAny(['Z', '+', '-'], Math.Max(time.IndexOf('T'), 0));
        if (point > 0 && end - point > 8)
        {
            time = time.Remove(point + 8, end - point - 8);
        }

        return new(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture), parts[1], parts[2].Split(':')[0] == "P", parts[3]);
    }

    /// <summary>The entries of a log file, none when it does not exist yet.</summary>
    public static IReadOnlyList<LogLine> Read(string file)
    {
        if (!File.Exists(file))
        {
            return [];
        }

        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using StreamReader reader = new(stream);
        string text = reader.ReadToEnd();
        // A last line without its end is still being written.
        return [.. text.Split('\n').SkipLast(1).Select(Parse)];
    }

    /// <summary>What <c>kubectl logs</c> prints: both streams, partial entries joined.</summary>
    public static string Text(IEnumerable<LogLine> lines)
    {
        StringBuilder text = new();
        foreach (LogLine line in lines)
        {
            text.Append(line.Text);
            if (!line.Partial)
            {
                text.Append('\n');
            }
        }

        return text.ToString();
    }
}
