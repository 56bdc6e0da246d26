namespace Pavise.Images.Tar;

/// <summary>Reads one file of an archive, holes filled with zeros. Several can be open at once: each has its own position.</summary>
internal sealed class TarContent(Func<Stream> openArchive, TarEntry entry) : Stream
{
    private readonly Stream archive = openArchive();
    private readonly IReadOnlyList<(ulong Offset, ulong Length)> pieces = entry.Sparse ?? [(0, entry.Size)];
    private ulong position;
    private int piece;
    private ulong storedBefore;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => (long)entry.Size;

    public override long Position
    {
        get => (long)position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        while (piece < pieces.Count && position >= pieces[piece].Offset + pieces[piece].Length)
        {
            storedBefore += pieces[piece++].Length;
        }

        ulong left = entry.Size - position;
        if (left == 0 || buffer.IsEmpty)
        {
            return 0;
        }

        int length;
        if (piece == pieces.Count || position < pieces[piece].Offset)
        {
            ulong hole = (piece == pieces.Count ? entry.Size : pieces[piece].Offset) - position;
            length = (int)Math.Min((ulong)buffer.Length, hole);
            buffer[..length].Clear();
        }
        else
        {
            ulong inPiece = position - pieces[piece].Offset;
            length = (int)Math.Min((ulong)buffer.Length, pieces[piece].Length - inPiece);
            archive.Position = entry.DataOffset + (long)(storedBefore + inPiece);
            length = archive.Read(buffer[..length]);
        }

        position += (ulong)length;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            archive.Dispose();
        }

        base.Dispose(disposing);
    }
}
