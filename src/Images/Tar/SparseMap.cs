using System.Globalization;
using System.Text;

namespace Pavise.Images.Tar;

/// <summary>Maps of sparse files: GNU's own header type and the PAX forms 0.1 and 1.0 (GNU tar manual, "Storing Sparse Files").</summary>
internal static class SparseMap
{
    private const int HeaderPieces = 4, HeaderOffset = 386, HeaderExtended = 482;
    private const int BlockPieces = 21, BlockExtended = 504;
    private const int PieceBytes = 24;

    /// <summary>Map of an old GNU header and its extension blocks, which are read from the stream.</summary>
    public static List<(ulong, ulong)> FromGnu(ReadOnlySpan<byte> header, Func<byte[]> nextBlock)
    {
        List<(ulong, ulong)> pieces = [];
        Take(header, HeaderOffset, HeaderPieces, pieces);
        bool more = header[HeaderExtended] != 0;
        while (more)
        {
            byte[] block = nextBlock();
            Take(block, 0, BlockPieces, pieces);
            more = block[BlockExtended] != 0;
        }

        return pieces;
    }

    /// <summary>Map of PAX 0.1: "offset,length,offset,length,…".</summary>
    public static List<(ulong, ulong)> FromText(byte[] map) => Pair([.. Encoding.Latin1.GetString(map).Split(',').Select(Parse)]);

    /// <summary>Map of PAX 1.0, which stands before the data: count, then offset and length, a line each, padded to a block.</summary>
    /// <returns>The pieces and the bytes that the map took.</returns>
    public static (List<(ulong, ulong)> Pieces, long Bytes) FromData(Func<byte[]> nextBlock)
    {
        List<ulong> numbers = [];
        StringBuilder current = new();
        long bytes = 0;
        ulong? wanted = null;
        while (wanted is null || (ulong)numbers.Count < (2 * wanted) + 1)
        {
            bytes += TarFields.BlockBytes;
            foreach (byte b in nextBlock())
            {
                if (b == '\n')
                {
                    numbers.Add(Parse(current.ToString()));
                    current.Clear();
                    wanted ??= numbers[0] <= TarLimits.SparsePieces ? numbers[0] : throw TooMany();
                    if ((ulong)numbers.Count == (2 * wanted) + 1)
                    {
                        break;
                    }
                }
                else if (current.Append((char)b).Length > 20)
                {
                    throw new ImageFormatException("tar: a sparse map is malformed");
                }
            }
        }

        return (Pair(numbers[1..]), bytes);
    }

    /// <summary>Checks that the pieces are in order and inside the file, and returns what they store.</summary>
    public static ulong Check(IReadOnlyList<(ulong Offset, ulong Length)> pieces, ulong size)
    {
        ulong end = 0, stored = 0;
        foreach ((ulong offset, ulong length) in pieces)
        {
            if (offset < end || length > size || offset > size - length)
            {
                throw new ImageFormatException("tar: the pieces of a sparse file overlap or leave the file");
            }

            end = offset + length;
            stored += length;
        }

        return stored;
    }

    private static void Take(ReadOnlySpan<byte> block, int offset, int count, List<(ulong, ulong)> pieces)
    {
        for (int i = 0; i < count && block[offset + (i * PieceBytes)] != 0; i++)
        {
            pieces.Add(((ulong)TarFields.Number(block, offset + (i * PieceBytes), 12, "a sparse offset"), (ulong)TarFields.Number(block, offset + (i * PieceBytes) + 12, 12, "a sparse length")));
            if (pieces.Count > TarLimits.SparsePieces)
            {
                throw TooMany();
            }
        }
    }

    private static List<(ulong, ulong)> Pair(List<ulong> numbers)
    {
        if (numbers.Count % 2 != 0 || numbers.Count / 2 > TarLimits.SparsePieces)
        {
            throw new ImageFormatException("tar: a sparse map is malformed");
        }

        return [.. numbers.Chunk(2).Select(p => (p[0], p[1]))];
    }

    private static ulong Parse(string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : throw new ImageFormatException("tar: a sparse map is malformed");

    private static ImageFormatException TooMany() => new($"tar: a sparse file has more than {TarLimits.SparsePieces} pieces");
}
