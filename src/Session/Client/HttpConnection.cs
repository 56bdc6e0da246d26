using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Pavise.Session.Client;

/// <summary>One kept-alive HTTP/1.1 connection to a broker, one request at a time; made anew when it ended between requests.</summary>
/// <param name="connect">Opens the bytes to the broker: TCP, or the host call <c>broker.connect</c>.</param>
/// <param name="endpoint">Which broker.</param>
/// <param name="client">Certificate of an administrator, or null.</param>
public sealed class HttpConnection(Func<CancellationToken, Task<Stream>> connect, BrokerEndpoint endpoint, X509Certificate2? client = null) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private Stream? _stream;
    private HttpReader? _reader;

    /// <summary>Sends a request and reads its answer, whatever its status.</summary>
    /// <param name="method">GET, POST, PUT or DELETE.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="headers">Further headers.</param>
    /// <param name="body">Body; null for none.</param>
    /// <param name="repeatable">Whether it may be sent again when a kept connection turns out to have ended: only where twice is as good as once.</param>
    /// <param name="cancellation">Ends the wait; the connection is then given up.</param>
    /// <exception cref="BrokerException">No connection, the wrong broker, or an answer that is not HTTP.</exception>
    public async Task<HttpAnswer> SendAsync(
        string method, string path, IEnumerable<KeyValuePair<string, string>> headers, ReadOnlyMemory<byte>? body, bool repeatable, CancellationToken cancellation)
    {
        byte[] head = Head(method, path, headers, body);
        await _turn.WaitAsync(cancellation);
        try
        {
            bool kept = _stream is not null;
            try
            {
                return await ExchangeAsync(head, body, cancellation);
            }
            catch (Exception e) when (kept && repeatable && e is IOException)
            {
                await CloseAsync();
                return await ExchangeAsync(head, body, cancellation);
            }
        }
        catch (Exception e)
        {
            await CloseAsync();
            throw e switch
            {
                SessionFormatException => new BrokerException(BrokerFailure.Protocol, $"the key broker's answer is malformed: {e.Message}", null, e),
                IOException or System.Net.Sockets.SocketException => new BrokerException(BrokerFailure.Unreachable, $"the key broker at {endpoint.Host}:{endpoint.Port} is not to be reached: {e.Message}", null, e),
                _ => e,
            };
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _turn.Dispose();
    }

    private async Task<HttpAnswer> ExchangeAsync(byte[] head, ReadOnlyMemory<byte>? body, CancellationToken cancellation)
    {
        if (_stream is null)
        {
            _stream = await PinnedTls.ConnectAsync(await connect(cancellation), endpoint, client, cancellation);
            _reader = new(_stream);
        }

        // One write: one TLS record and one packet for a small request.
        await _stream.WriteAsync(body is { } b ? [.. head, .. b.Span] : head, cancellation);
        await _stream.FlushAsync(cancellation);
        HttpAnswer answer = await _reader!.ReadAsync(SessionLimits.AnswerBytes, cancellation);
        if (answer.Close)
        {
            await CloseAsync();
        }

        return answer;
    }

    private async Task CloseAsync()
    {
        Stream? stream = _stream;
        (_stream, _reader) = (null, null);
        if (stream is not null)
        {
            try
            {
                await stream.DisposeAsync();
            }
            catch (IOException)
            {
            }
        }
    }

    private byte[] Head(string method, string path, IEnumerable<KeyValuePair<string, string>> headers, ReadOnlyMemory<byte>? body)
    {
        StringBuilder head = new();
        head.Append(CultureInfo.InvariantCulture, $"{method} {path} HTTP/1.1\r\nHost: {endpoint.Host}:{endpoint.Port}\r\nAccept: application/json\r\n");
        foreach ((string name, string value) in headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        if (body is { } b)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {b.Length}\r\n");
        }

        head.Append("\r\n");
        string text = head.ToString();
        int lines = text.Count('\n');
        return text.All(c => c is '\r' or '\n' or (>= ' ' and <= '~')) && lines == text.Split("\r\n").Length - 1 && lines == 4 + headers.Count() + (body is null ? 0 : 2)
            ? Encoding.ASCII.GetBytes(text)
            : throw new ArgumentException("a request line or header holds a character that is not printable ASCII");
    }
}
