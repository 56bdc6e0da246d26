using Google.Protobuf;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Boundary.Tests.Support;

/// <summary>A server on one end of a connection; the test holds the other end, or a client on it.</summary>
internal sealed class Served : IAsyncDisposable
{
    public const string Service = "test.Echo";

    private readonly Duplex _duplex;
    private readonly CancellationTokenSource _stop = new();

    private Served(Duplex duplex, TtrpcServer server)
    {
        _duplex = duplex;
        Serving = Task.Run(() => server.ServeAsync(duplex.Right, _stop.Token));
    }

    public Stream Raw => _duplex.Left;

    public Task Serving { get; }

    public static async Task<Served> StartAsync(TtrpcServer server) => new(await Duplex.OpenAsync(), server);

    /// <summary>A server with one method that answers with its request.</summary>
    public static Task<Served> EchoAsync() => WithAsync("Echo", (bytes, _) => Task.FromResult<IMessage>(BindRequest.Parser.ParseFrom(bytes.Span)));

    public static Task<Served> WithAsync(string method, Func<ReadOnlyMemory<byte>, CancellationToken, Task<IMessage>> handler, TimeProvider? time = null)
    {
        TtrpcServer server = new(time);
        server.Add(Service, method, handler);
        return StartAsync(server);
    }

    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        _duplex.Dispose();
        await Serving;
        _stop.Dispose();
    }
}
