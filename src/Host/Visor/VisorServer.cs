using System.Net.Sockets;
using Google.Protobuf;
using Pavise.Boundary;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.HostCalls.Files;
using Pavise.Host.Protos;

namespace Pavise.Host.Visor;

/// <summary>The visor's API on <c>visor.sock</c>.</summary>
internal sealed class VisorServer : IAsyncDisposable
{
    private const string Service = "pavise.visor.v1.Visor";

    // The answer to Stop is on its way when the visor ends; its reader is a local process.
    private static readonly TimeSpan LastAnswers = TimeSpan.FromSeconds(2);

    private readonly ImageSlots _slots;
    private readonly FolderShares _shares;
    private readonly Func<SandboxStatus> _status;
    private readonly Func<TimeSpan, Task> _stop;
    private readonly Socket _listener;
    private readonly TtrpcServer _server = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly HashSet<Task> _connections = [];
    private readonly TimeProvider _time;

    /// <param name="directory">The sandbox directory.</param>
    /// <param name="slots">The pVM's images.</param>
    /// <param name="shares">The folders of its shared volumes.</param>
    /// <param name="status">What to answer to Status.</param>
    /// <param name="stop">Ends everything; completes when nothing is left.</param>
    /// <param name="guards">Who watches over processes.</param>
    /// <param name="time">The clock.</param>
    public VisorServer(string directory, ImageSlots slots, FolderShares shares, Func<SandboxStatus> status, Func<TimeSpan, Task> stop, Guards guards, TimeProvider time)
    {
        _slots = slots;
        _shares = shares;
        _status = status;
        _stop = stop;
        _time = time;
        _server.Add(Service, "Status", (_, _) => Task.FromResult<IMessage>(Status()));
        _server.Add(Service, "PlugImage", PlugAsync);
        _server.Add(Service, "PlugVolume", PlugVolumeAsync);
        _server.Add(Service, "ShareFolder", ShareFolderAsync);
        _server.Add(Service, "Guard", async (bytes, connection) => await guards.WatchAsync(Parse(GuardRequest.Parser, bytes), connection));
        _server.Add(Service, "Stop", StopAsync);
        _listener = SandboxFiles.Listen(directory, SandboxFiles.VisorSocket);
        _ = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        Task[] open;
        lock (_connections)
        {
            open = [.. _connections];
        }

        await Task.WhenAll(open).WaitAsync(LastAnswers, _time).ContinueWith(_ => { }, TaskScheduler.Default);
        await _ending.CancelAsync();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            Task serving = ServeAsync(socket);
            lock (_connections)
            {
                _connections.RemoveWhere(t => t.IsCompleted);
                _connections.Add(serving);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using NetworkStream stream = new(socket, ownsSocket: true);
        try
        {
            await _server.ServeAsync(stream, _ending.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or TtrpcException or InvalidDataException)
        {
            // A client that breaks its connection hurts nobody else.
        }
    }

    private StatusResponse Status()
    {
        SandboxStatus status = _status();
        return new StatusResponse
        {
            Machine = status.Machine,
            Shielded = status.Shielded,
            VisorPid = status.VisorPid,
            VmmPid = status.VmmPid,
            Alive = status.Alive,
            Failure = status.Failure ?? "",
        };
    }

    private async Task<IMessage> PlugAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        PlugImageRequest request = Parse(PlugImageRequest.Parser, bytes);
        if (request.Path.Length is 0 or > BoundaryLimits.PathBytes || !Path.IsPathRooted(request.Path))
        {
            throw new TtrpcException(TtrpcStatus.InvalidArgument, "an image is named by an absolute path");
        }

        return new PlugImageResponse { Slot = await _slots.PlugAsync(request.Path, cancellation) };
    }

    private async Task<IMessage> PlugVolumeAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        PlugVolumeRequest request = Parse(PlugVolumeRequest.Parser, bytes);
        if (request.Source.Length is 0 or > BoundaryLimits.PathBytes || !Path.IsPathRooted(request.Source) || request.Volume.Length is 0 or > BoundaryLimits.IdBytes || request.Volume.Contains('/'))
        {
            throw new TtrpcException(TtrpcStatus.InvalidArgument, "a volume has a name, and is held by a folder or block device named by an absolute path");
        }

        return new PlugImageResponse { Slot = await _slots.PlugVolumeAsync(request.Source, request.Volume, request.Bytes, cancellation) };
    }

    private Task<IMessage> ShareFolderAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        ShareFolderRequest request = Parse(ShareFolderRequest.Parser, bytes);
        if (request.Path.Length is 0 or > BoundaryLimits.PathBytes || !Path.IsPathRooted(request.Path) || request.Volume.Length is 0 or > BoundaryLimits.IdBytes)
        {
            throw new TtrpcException(TtrpcStatus.InvalidArgument, "a shared volume has a name, and is a folder named by an absolute path");
        }

        _shares.Add(request.Volume, request.Path);
        return Task.FromResult<IMessage>(new ShareFolderResponse());
    }

    private async Task<IMessage> StopAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _stop(TimeSpan.FromMilliseconds(Parse(StopRequest.Parser, bytes).GraceMs));
        return new StopResponse();
    }

    private static T Parse<T>(MessageParser<T> parser, ReadOnlyMemory<byte> bytes)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new TtrpcException(TtrpcStatus.InvalidArgument, "the request is malformed");
        }
    }
}
