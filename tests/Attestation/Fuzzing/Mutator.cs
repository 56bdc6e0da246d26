namespace Pavise.Attestation.Tests.Fuzzing;

/// <summary>Changes bytes as hostile senders and broken links do: flips, sets, cuts, repeats, splices, and numbers at their limits. The same seed makes the same changes.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly byte[] Interesting = [0x00, 0x01, 0x02, 0x05, 0x30, 0x31, 0x7F, 0x80, 0x81, 0x82, 0xA0, 0xFE, 0xFF];

    private readonly Random _random = new(seed);

    /// <summary>One to four changes to a copy.</summary>
    public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> corpus)
    {
        byte[] bytes = [.. input];
        for (int left = _random.Next(1, 5); left > 0; left--)
        {
            bytes = Once(bytes, corpus);
        }

        return bytes;
    }

    private byte[] Once(byte[] bytes, IReadOnlyList<byte[]> corpus)
    {
        if (bytes.Length == 0)
        {
            return [(byte)_random.Next(256)];
        }

        // Headers are short and decide most: every third change is in the first 64 bytes.
        int at = _random.Next(_random.Next(3) == 0 ? Math.Min(64, bytes.Length) : bytes.Length), length = Math.Min(_random.Next(1, 65), bytes.Length - at);
        switch (_random.Next(10))
        {
            case 0 or 1:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 2:
                bytes[at] = (byte)_random.Next(256);
                return bytes;
            case 3:
                bytes[at] = Interesting[_random.Next(Interesting.Length)];
                return bytes;
            case 9:
                bytes[at] += (byte)(_random.Next(2) == 0 ? 1 : -1);
                return bytes;
            case 4:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 5:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 6:
                byte[] other = corpus[_random.Next(corpus.Count)];
                return at < other.Length ? [.. bytes[..at], .. other[at..]] : bytes;
            case 7:
                return bytes[..at];
            default:
                bytes.AsSpan(at, length).Fill((byte)(_random.Next(2) * 255));
                return bytes;
        }
    }
}
