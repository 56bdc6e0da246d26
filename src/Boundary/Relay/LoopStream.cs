namespace Pavise.Boundary.Relay;

/// <summary>
/// A socket that does not block as a stream, for the few words before its bytes are relayed. The runtime's own sockets would go on watching the
/// descriptor after those.
/// </summary>
/// <param name="loop">Who waits for it.</param>
/// <param name="owner">Closes the descriptor.</param>
/// <param name="descriptor">The socket.</param>
public sealed class LoopStream(RelayLoop loop, IDisposable owner, int descriptor) : Stream
{
    private bool given;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Hands the descriptor over: this stream is at its end and closes nothing.</summary>
    public RelaySocket Give(bool isTcp)
    {
        given = true;
        return new RelaySocket(owner, descriptor, isTcp);
    }

    /// <summary>Completes when a connection that was begun is made, or has failed.</summary>
    public Task ConnectedAsync(CancellationToken cancellation) => loop.WaitAsync(descriptor, write: true, cancellation);

    /// <summary>Completes when there is something to read, an end among it.</summary>
    public Task ReadableAsync(CancellationToken cancellation) => loop.WaitAsync(descriptor, write: false, cancellation);

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            int got = loop.Kernel.Receive(descriptor, buffer.Span);
            if (got >= 0)
            {
                return got;
            }

            await RetryAsync(got, write: false, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            int sent = loop.Kernel.Send(descriptor, buffer.Span);
            if (sent < 0)
            {
                await RetryAsync(sent, write: true, cancellationToken);
                continue;
            }

            buffer = buffer[sent..];
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

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
        if (disposing && !given)
        {
            owner.Dispose();
        }

        base.Dispose(disposing);
    }

    private Task RetryAsync(int error, bool write, CancellationToken cancellation) => error switch
    {
        RelayEvents.Again => loop.WaitAsync(descriptor, write, cancellation),
        RelayEvents.Interrupted => Task.CompletedTask,
        _ => throw new IOException($"the connection broke: errno {-error}"),
    };
}
