namespace Pavise.Images.Layers;

/// <summary>A part of a seekable stream as a stream of its own.</summary>
internal sealed class ArchiveWindow(Stream inner, long offset, long length) : Stream
{
    private long position;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => length;

    public override long Position
    {
        get => position;
        set => position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    public override int Read(Span<byte> buffer)
    {
        long left = length - position;
        if (left <= 0)
        {
            return 0;
        }

        inner.Position = offset + position;
        int read = inner.Read(buffer[..(int)Math.Min(buffer.Length, left)]);
        position += read;
        return read;
    }

    public override int Read(byte[] buffer, int at, int count) => Read(buffer.AsSpan(at, count));

    public override long Seek(long to, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => to,
        SeekOrigin.Current => position + to,
        _ => length + to,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int at, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
