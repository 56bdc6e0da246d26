using System.Collections.Concurrent;
using System.Net.Sockets;
using Pavise.Boundary;
using Pavise.Host.Interop;

namespace Pavise.Host.Vsock;

/// <summary>
/// A virtio-vsock device as a vhost-user back end. QEMU connects to its socket
/// (<c>-chardev socket,id=c,path=… -device vhost-user-vsock-device,chardev=c</c>, memory from a sealed, shared memfd) and keeps it for its
/// lifetime. Nothing that the guest or QEMU sends can harm more than the device itself: a broken packet costs its connection, a broken ring
/// or message ends the device with an error.
/// </summary>
public sealed class VsockDevice : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly string _path;
    private readonly uint _guestCid;
    private readonly Func<ulong, uint, bool>? _shareable;
    private readonly EventDescriptor _wake = EventDescriptor.Create();
    private readonly GuestLink _link;
    private readonly PacketSwitch _switch;
    private readonly ConcurrentDictionary<uint, Func<Stream, CancellationToken, Task>> _handlers = [];
    private readonly CancellationTokenSource _lifetime = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DeviceThread? _thread;
    private bool _disposed;

    private VsockDevice(Socket listener, string path, uint guestCid, Func<ulong, uint, bool>? shareable, PacketRecorder? recorder)
    {
        (_listener, _path, _guestCid, _shareable) = (listener, path, guestCid, shareable);
        _link = new GuestLink(guestCid, BoundaryPorts.HostCid, failure => _thread?.Fail(failure), recorder);
        _switch = new PacketSwitch(_link, guestCid, BoundaryPorts.HostCid, Serve, recorder);
        Completion = RunAsync();
    }

    /// <summary>Completes when the guest's driver runs the device; fails when the device ends before.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Completes when QEMU has closed the device; fails when the guest or QEMU broke a rule.</summary>
    public Task Completion { get; }

    /// <summary>Connections that are open or wait for the guest's last word.</summary>
    public int Connections => _switch.Count;

    /// <summary>
    /// Binds the socket at <paramref name="vhostUserSocketPath"/> and waits for one QEMU in the background. The caller sets the socket file's
    /// owner and mode before it starts QEMU; the file is removed when QEMU has connected.
    /// </summary>
    /// <param name="vhostUserSocketPath">Path of the socket; must not exist.</param>
    /// <param name="guestCid">The guest's context id.</param>
    /// <param name="shareable">The bounce-pool check: tells whether the device may touch a buffer (guest physical address, bytes). A buffer
    /// that it refuses ends the device. Null: all of guest memory.</param>
    /// <param name="recorder">Gets every packet; null: nobody does. It stays the caller's.</param>
    /// <exception cref="SocketException">The socket cannot be bound.</exception>
    public static VsockDevice Listen(string vhostUserSocketPath, uint guestCid, Func<ulong, uint, bool>? shareable = null, PacketRecorder? recorder = null)
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(vhostUserSocketPath));
            listener.Listen(1);
            return new VsockDevice(listener, vhostUserSocketPath, guestCid, shareable, recorder);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Connects to a port of the guest; waits for the driver first.</summary>
    /// <exception cref="VsockException">Nobody listens there, or the device is gone.</exception>
    public async Task<VsockStream> ConnectAsync(uint guestPort, CancellationToken cancellation)
    {
        await Ready.WaitAsync(cancellation);
        VsockConnection connection = _switch.Connect(guestPort);
        try
        {
            await connection.Established!.Task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            _switch.Abort(connection, new VsockException(VsockFailure.Reset, "the connection attempt was given up"));
            throw;
        }

        return new VsockStream(connection, _switch, _link);
    }

    /// <summary>
    /// Serves connections of the guest to a host port. The stream is closed when the handler returns and reset when it throws; the token is
    /// signalled when the device ends. Connections to other ports are refused.
    /// </summary>
    /// <exception cref="InvalidOperationException">The port is served already.</exception>
    public void Accept(uint hostPort, Func<Stream, CancellationToken, Task> handler)
    {
        if (!_handlers.TryAdd(hostPort, handler) || !_switch.Listen(hostPort))
        {
            throw new InvalidOperationException($"host port {hostPort} is served already");
        }
    }

    /// <summary>
    /// Listens on a Unix socket and relays each connection to a port of the guest; both halves close on their own. A connection that the guest
    /// refuses is closed. The socket file exists when the method has returned its task, and is removed at the end. Runs until
    /// <paramref name="cancellation"/> or the device's end.
    /// </summary>
    /// <exception cref="SocketException">The socket cannot be bound.</exception>
    public Task RelayAsync(uint guestPort, string unixSocketPath, CancellationToken cancellation)
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(unixSocketPath));
            listener.Listen(BoundaryLimits.Connections);
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        return RelayAsync(listener, guestPort, unixSocketPath, cancellation);
    }

    /// <summary>Ends the device: every connection is gone, guest memory unmapped.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _lifetime.CancelAsync();
        _listener.Dispose();
        _thread?.Stop();
        await Completion.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _wake.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            using Socket frontEnd = await _listener.AcceptAsync(_lifetime.Token);
            _listener.Dispose();
            File.Delete(_path);
            _thread = new DeviceThread(frontEnd, _guestCid, _link, _switch, _wake, _shareable is null ? null : new Virtio.BufferCheck(_shareable));
            _thread.Start();
            await Task.WhenAny(_thread.Ready, _thread.Ended);
            if (_thread.Ready.IsCompletedSuccessfully)
            {
                _ready.TrySetResult();
            }

            await _thread.Ended;
        }
        catch (Exception stopped) when (_lifetime.IsCancellationRequested && stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed before QEMU came.
            File.Delete(_path);
        }
        finally
        {
            await _lifetime.CancelAsync();
            if (_ready.TrySetException(new VsockException(VsockFailure.DeviceGone, "the vsock device has ended")))
            {
                _ = _ready.Task.Exception;
            }
        }
    }

    private void Serve(VsockConnection connection) => Task.Run(async () =>
    {
        await using VsockStream stream = new(connection, _switch, _link);
        try
        {
            await _handlers[connection.HostPort](stream, _lifetime.Token);
        }
        catch (Exception)
        {
            stream.Abort(); // The handler reports its own errors; the guest sees a reset.
        }
    });

    private async Task RelayAsync(Socket listener, uint guestPort, string path, CancellationToken cancellation)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _lifetime.Token);
        try
        {
            while (true)
            {
                Socket socket;
                try
                {
                    socket = await listener.AcceptAsync(end.Token);
                }
                catch (SocketException)
                {
                    // Out of descriptors, or the peer gave up: the port must outlive both.
                    await Task.Delay(VsockLimits.AcceptPause, TimeProvider.System, end.Token);
                    continue;
                }

                _ = Task.Run(() => RelayOneAsync(socket, guestPort, cancellation), CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // The orderly end.
        }
        finally
        {
            listener.Dispose();
            File.Delete(path);
        }
    }

    private async Task RelayOneAsync(Socket socket, uint guestPort, CancellationToken cancellation)
    {
        try
        {
            VsockStream stream = await ConnectAsync(guestPort, cancellation);
            await VsockRelay.RunAsync(socket, stream, cancellation);
        }
        catch (Exception refused) when (refused is VsockException or OperationCanceledException)
        {
            socket.Dispose();
        }
    }
}
