using System.IO.Pipelines;

namespace Pavise.Session.Tests.Protocol;

/// <summary>Two streams joined by pipes: what one writes the other reads, through a carrier in between that may do something with the bytes.</summary>
internal sealed class Wire(PipeReader reader, PipeWriter writer) : Stream
{
    private readonly Stream input = reader.AsStream();
    private readonly Stream output = writer.AsStream();

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Both ends of a connection; the carriers see each piece that is written, in order, and say what becomes of it.</summary>
    public static (Wire Owner, Wire Guest) Join(Func<byte[], IEnumerable<byte[]>>? toGuest = null, Func<byte[], IEnumerable<byte[]>>? toOwner = null)
    {
        Pipe up = new(), down = new(), upCarried = new(), downCarried = new();
        _ = CarryAsync(up.Reader, upCarried.Writer, toGuest);
        _ = CarryAsync(down.Reader, downCarried.Writer, toOwner);
        return (new Wire(downCarried.Reader, up.Writer), new Wire(upCarried.Reader, down.Writer));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

    public override void Flush() => output.Flush();

    public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        input.Dispose();
        output.Dispose();
    }

    private static async Task CarryAsync(PipeReader from, PipeWriter to, Func<byte[], IEnumerable<byte[]>>? carrier)
    {
        try
        {
            byte[] buffer = new byte[64 * 1024];
            await using Stream source = from.AsStream();
            while (await source.ReadAsync(buffer) is var length and > 0)
            {
                foreach (byte[] piece in carrier?.Invoke(buffer[..length]) ?? [buffer[..length]])
                {
                    await to.WriteAsync(piece);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or IOException)
        {
        }
        finally
        {
            await to.CompleteAsync();
        }
    }
}
