namespace Pavise.Guest.Sessions;

/// <summary>Two one-way connections of the host as one stream.</summary>
internal sealed class CarrierStream : Stream
{
    private readonly TaskCompletionSource<Stream> input = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Stream> output = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when both are there.</summary>
    public Task Connected => Task.WhenAll(input.Task, output.Task);

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void Connect(bool isInput, Stream connection) => (isInput ? input : output).TrySetResult(connection);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.Task.Result.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.Task.Result.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => output.Task.Result.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => input.Task.Result.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => output.Task.Result.Write(buffer, offset, count);

    public override void Flush() => output.Task.Result.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
