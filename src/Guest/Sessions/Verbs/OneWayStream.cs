using System.IO.Pipelines;
using Pavise.Session.Protocol;

namespace Pavise.Guest.Sessions.Verbs;

/// <summary>A stream that does one thing.</summary>
internal abstract class OneWayStream : Stream
{
    public override bool CanRead => false;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>What is written goes into the session as output.</summary>
internal sealed class OutputStream(SessionConnection connection, bool isError, CancellationToken over) : OneWayStream
{
    public override bool CanWrite => true;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await connection.OutputAsync(buffer, isError, 0, over);
        }
        catch (SessionException e)
        {
            throw new IOException(e.Message, e);
        }
    }
}

/// <summary>Reads input and gives back room for as much as was read.</summary>
internal sealed class CreditingStream(PipeReader reader, Func<int, Task> credit) : OneWayStream
{
    private readonly Stream inner = reader.AsStream(leaveOpen: true);

    public override bool CanRead => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int length = await inner.ReadAsync(buffer, cancellationToken);
        if (length > 0)
        {
            await credit(length);
        }

        return length;
    }
}
