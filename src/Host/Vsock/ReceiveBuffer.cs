using System.Buffers;
using Pavise.Host.Vsock.Virtio;

namespace Pavise.Host.Vsock;

/// <summary>Bytes of one connection that the host's side has not taken yet: a circular buffer that grows to the credit limit and goes when empty.</summary>
internal sealed class ReceiveBuffer
{
    private const int FirstBytes = 4096;

    private byte[] _bytes = [];
    private int _start;

    public int Count { get; private set; }

    /// <summary>Appends a packet's payload; false, and nothing taken, when it exceeds the credit.</summary>
    public bool TryAppend(DescriptorChain chain, int offset, int length)
    {
        if (length > VsockLimits.ReceiveBytes - Count)
        {
            return false;
        }

        Reserve(Count + length);
        int end = (_start + Count) % Math.Max(1, _bytes.Length);
        int first = Math.Min(length, _bytes.Length - end);
        chain.Read(offset, _bytes.AsSpan(end, first));
        chain.Read(offset + first, _bytes.AsSpan(0, length - first));
        Count += length;
        return true;
    }

    /// <summary>Moves bytes out; returns their number.</summary>
    public int Take(Span<byte> destination)
    {
        int length = Math.Min(destination.Length, Count);
        int first = Math.Min(length, _bytes.Length - _start);
        _bytes.AsSpan(_start, first).CopyTo(destination);
        _bytes.AsSpan(0, length - first).CopyTo(destination[first..]);
        Count -= length;
        if (Count == 0)
        {
            Clear();
        }
        else
        {
            _start = (_start + length) % _bytes.Length;
        }

        return length;
    }

    public void Clear()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        (_bytes, _start, Count) = ([], 0, 0);
    }

    private void Reserve(int wanted)
    {
        if (wanted <= _bytes.Length)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBytes, wanted));
        int count = Count;
        Take(larger);
        (_bytes, _start, Count) = (larger, 0, count);
    }
}
