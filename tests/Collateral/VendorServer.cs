using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pavise.Collateral.Tests;

/// <summary>A local HTTP server that answers as AMD's and Intel's services do: what it was given, 404 else; it counts what was asked.</summary>
internal sealed class VendorServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _loop;
    private bool _disposed;

    public VendorServer()
    {
        _listener.Start();
        Address = new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _loop = AcceptAsync();
    }

    public Uri Address { get; }

    public Dictionary<string, (byte[] Body, (string Name, string Value)[] Headers)> Answers { get; } = [];

    public List<string> Asked { get; } = [];

    public int Status { get; set; } = 404;

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _end.Cancel();
        _listener.Dispose();
        try
        {
            _loop.GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }

        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
            using NetworkStream stream = client.GetStream();
            using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
            string path = (await reader.ReadLineAsync(_end.Token))?.Split(' ')[1] ?? "";
            while (await reader.ReadLineAsync(_end.Token) is { Length: > 0 })
            {
            }

            Asked.Add(path);
            (int status, byte[] body, (string Name, string Value)[] headers) = Answers.TryGetValue(path, out (byte[] Body, (string, string)[] Headers) answer) ? (200, answer.Body, answer.Headers) : (Status, [], []);
            string head = $"HTTP/1.1 {status} X\r\nContent-Length: {body.Length}\r\nConnection: close\r\n{string.Concat(headers.Select(h => $"{h.Name}: {h.Value}\r\n"))}\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _end.Token);
            await stream.WriteAsync(body, _end.Token);
        }
    }
}
