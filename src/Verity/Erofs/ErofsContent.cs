namespace Pavise.Verity.Erofs;

/// <summary>Content of one file: whole blocks where they lie, the rest beside the inode.</summary>
internal sealed class ErofsContent(ErofsReader reader, ErofsInode inode) : Stream
{
    private long position;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => (long)inode.Size;

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        long inBlocks = (long)inode.Size - inode.InlineBytes;
        bool isInline = position >= inBlocks;
        long left = isInline ? (long)inode.Size - position : inBlocks - position;
        int length = (int)Math.Min(left, buffer.Length);
        if (length > 0)
        {
            reader.ReadAt(isInline ? inode.InlineOffset + (position - inBlocks) : inode.DataOffset + position, buffer[..length]);
            position += length;
        }

        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
