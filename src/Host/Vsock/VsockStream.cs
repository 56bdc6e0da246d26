namespace Pavise.Host.Vsock;

/// <summary>
/// One vsock connection as a stream. One reader and one writer at a time. A read of an empty buffer waits until a byte or the end is there.
/// Disposing closes in order: what was written still reaches the guest.
/// </summary>
public sealed class VsockStream : Stream
{
    private readonly VsockConnection _connection;
    private readonly PacketSwitch _switch;
    private readonly GuestLink _link;

    internal VsockStream(VsockConnection connection, PacketSwitch packetSwitch, GuestLink link) =>
        (_connection, _switch, _link) = (connection, packetSwitch, link);

    /// <summary>The guest's port.</summary>
    public uint GuestPort => _connection.GuestPort;

    /// <summary>The host's port.</summary>
    public uint HostPort => _connection.HostPort;

    /// <summary>Whether the guest closed the connection without having ended its own half before.</summary>
    internal bool BrokenOff => _connection.BrokenOff;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Ends this side's half: the guest reads an end; the other direction goes on.</summary>
    public void CloseWrite() => _switch.CloseWrite(_connection);

    /// <summary>Resets the connection: unread data is lost on both sides.</summary>
    public void Abort() => _switch.Abort(_connection, new VsockException(VsockFailure.Reset, "this side reset the connection"));

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task? readable = TryRead(buffer.Span, out int taken);
            if (readable is null)
            {
                _switch.ReturnCredit(_connection);
                return taken;
            }

            await readable.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int sent = _link.TrySend(_connection, buffer.Span[..Math.Min(buffer.Length, VsockLimits.PacketBytes)], out Task writable);
            if (sent == 0)
            {
                await writable.WaitAsync(cancellationToken);
            }

            buffer = buffer[sent..];
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _switch.Close(_connection);
        }

        base.Dispose(disposing);
    }

    /// <summary>Waits until a byte, the end or a failure can be read.</summary>
    internal async ValueTask WaitReadableAsync(CancellationToken cancellation)
    {
        while (TryRead([], out _) is { } readable)
        {
            await readable.WaitAsync(cancellation);
        }
    }

    /// <summary>Takes what is there; null when the read is finished, else what to wait for.</summary>
    private Task? TryRead(Span<byte> buffer, out int taken)
    {
        lock (_connection.Gate)
        {
            taken = _connection.Received.Take(buffer);
            if (taken > 0 || (buffer.Length == 0 && _connection.Received.Count > 0))
            {
                _connection.ForwardCount = unchecked(_connection.ForwardCount + (uint)taken);
                return null;
            }

            return !_connection.GuestSendsNoMore ? _connection.Readable.WaitAsync()
                : _connection.ReadFailure is { } failure ? throw failure
                : null;
        }
    }
}
