using System.Globalization;
using System.Text;

namespace Pavise.Session.Client;

/// <summary>
/// Reads HTTP/1.1 answers (RFC 9112), strictly and bounded: a status line, headers without folding, a body by Content-Length or chunks, never both.
/// </summary>
internal sealed class HttpReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <exception cref="SessionFormatException">Not an answer of this form.</exception>
    /// <exception cref="EndOfStreamException">The connection ended within it.</exception>
    public async Task<HttpAnswer> ReadAsync(int mostBytes, CancellationToken cancellation)
    {
        int budget = SessionLimits.HeaderBytes;
        (int status, bool old) = Status(await LineAsync(budget, cancellation));
        Dictionary<string, string> headers = new(StringComparer.Ordinal);
        for (int count = 0; ; count++)
        {
            string line = await LineAsync(budget, cancellation);
            budget -= line.Length + 2;
            if (line.Length == 0)
            {
                break;
            }

            int colon = line.IndexOf(':');
            if (count == SessionLimits.Headers || colon <= 0 || line[0] is ' ' or '\t' || line[colon - 1] is ' ' or '\t')
            {
                throw new SessionFormatException("an HTTP answer's headers are malformed or too many");
            }

            string name = line[..colon].ToLowerInvariant(), value = line[(colon + 1)..].Trim(' ', '\t');
            if (name is "content-length" or "transfer-encoding" && !headers.TryAdd(name, value))
            {
                throw new SessionFormatException($"an HTTP answer has {name} twice");
            }

            headers[name] = value;
        }

        byte[] body = await BodyAsync(status, headers, mostBytes, cancellation);
        bool close = old || (headers.TryGetValue("connection", out string? connection) && connection.Contains("close", StringComparison.OrdinalIgnoreCase));
        return new(status, headers, body, close);
    }

    private static (int Status, bool Old) Status(string line)
    {
        bool old = line.StartsWith("HTTP/1.0 ", StringComparison.Ordinal);
        return (old || line.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)) && line.Length >= 12 && (line.Length == 12 || line[12] == ' ')
            && int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status) && status is >= 200 and <= 599
            ? (status, old)
            : throw new SessionFormatException("not an HTTP/1.1 answer");
    }

    private async Task<byte[]> BodyAsync(int status, Dictionary<string, string> headers, int most, CancellationToken cancellation)
    {
        bool chunked = headers.TryGetValue("transfer-encoding", out string? coding);
        bool sized = headers.TryGetValue("content-length", out string? text);
        if (status is 204 or 304)
        {
            return [];
        }

        if (chunked)
        {
            return coding == "chunked" && !sized ? await ChunksAsync(most, cancellation) : throw new SessionFormatException("an HTTP answer's body must be chunked or have a length, not both");
        }

        return sized && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int length) && length <= most
            ? await ExactlyAsync(length, cancellation)
            : throw new SessionFormatException($"an HTTP answer must have a length of at most {most} bytes");
    }

    private async Task<byte[]> ChunksAsync(int most, CancellationToken cancellation)
    {
        using MemoryStream body = new();
        while (true)
        {
            string line = await LineAsync(64, cancellation);
            if (line.Length is 0 or > 8 || !int.TryParse(line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int length) || length < 0 || length > most - body.Length)
            {
                throw new SessionFormatException($"an HTTP answer's chunk is malformed, or the body has more than {most} bytes");
            }

            body.Write(await ExactlyAsync(length, cancellation));
            if ((await LineAsync(64, cancellation)).Length > 0)
            {
                throw new SessionFormatException("an HTTP answer's chunk does not end where it should, or trailers follow");
            }

            if (length == 0)
            {
                return body.ToArray();
            }
        }
    }

    private async Task<byte[]> ExactlyAsync(int length, CancellationToken cancellation)
    {
        // Grows with what really comes, up to the announced length.
        byte[] body = new byte[Math.Min(length, 64 * 1024)];
        int have = 0;
        while (have < length)
        {
            if (have == body.Length)
            {
                Array.Resize(ref body, (int)Math.Min((long)body.Length * 2, length));
            }

            if (_start == _end)
            {
                await FillAsync(cancellation);
            }

            int take = Math.Min(Math.Min(length, body.Length) - have, _end - _start);
            _buffer.AsSpan(_start, take).CopyTo(body.AsSpan(have));
            (_start, have) = (_start + take, have + take);
        }

        return body.Length == length ? body : body[..length];
    }

    private async Task<string> LineAsync(int most, CancellationToken cancellation)
    {
        StringBuilder line = new();
        while (true)
        {
            if (_start == _end)
            {
                await FillAsync(cancellation);
            }

            int at = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            int take = at < 0 ? _end - _start : at;
            if (line.Length + take > most)
            {
                throw new SessionFormatException("a line of an HTTP answer is too long");
            }

            line.Append(Encoding.Latin1.GetString(_buffer, _start, take));
            _start += take + (at < 0 ? 0 : 1);
            if (at >= 0)
            {
                return line.Length > 0 && line[^1] == '\r' ? line.ToString(0, line.Length - 1) : throw new SessionFormatException("a line of an HTTP answer does not end in CR LF");
            }
        }
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        _start = 0;
        _end = await stream.ReadAsync(_buffer, cancellation);
        if (_end == 0)
        {
            throw new EndOfStreamException("the key broker ended the connection within an answer");
        }
    }
}
