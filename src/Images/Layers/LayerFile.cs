using System.IO.Compression;
using System.Security.Cryptography;
using Pavise.Images.Tar;
using ZstdSharp;

namespace Pavise.Images.Layers;

/// <summary>
/// A layer as an uncompressed, seekable file: where it is compressed, unpacked once into a nameless temporary file. Both digests, of the blob
/// and of the unpacked layer, are checked on the way.
/// </summary>
internal sealed class LayerFile : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private readonly string? temporary;
    private readonly Func<Stream> open;

    private LayerFile(Func<Stream> open, string? temporary) => (this.open, this.temporary) = (open, temporary);

    /// <summary>Opens it anew.</summary>
    public Stream Open() => open();

    /// <summary>Prepares a layer.</summary>
    /// <param name="name">How messages name it.</param>
    /// <param name="openBlob">Opens the blob as stored.</param>
    /// <param name="blobDigest">"sha256:…" of the blob, or null.</param>
    /// <param name="diffId">"sha256:…" of the unpacked layer, or null.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static LayerFile Prepare(string name, Func<Stream> openBlob, string? blobDigest, string? diffId, CancellationToken cancellation)
    {
        byte[] magic = new byte[4];
        int length;
        using (Stream blob = openBlob())
        {
            length = blob.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        }

        Func<Stream, Stream>? decompress = length >= 2 && magic[0] == 0x1f && magic[1] == 0x8b ? s => new GZipStream(s, CompressionMode.Decompress)
            : length == 4 && magic.AsSpan().SequenceEqual<byte>([0x28, 0xb5, 0x2f, 0xfd]) ? s => new DecompressionStream(s)
            : null;
        try
        {
            if (decompress is null)
            {
                using Stream blob = openBlob();
                string digest = Copy(blob, null, cancellation);
                Compare(name, "its digest", blobDigest, digest);
                Compare(name, "its diff_id", diffId, digest);
                return new LayerFile(openBlob, null);
            }

            using (Stream blob = openBlob())
            {
                Compare(name, "its digest", blobDigest, blobDigest is null ? "" : Copy(blob, null, cancellation));
            }

            string file = Path.GetTempFileName();
            try
            {
                using (Stream blob = openBlob())
                using (Stream unpacked = decompress(blob))
                using (FileStream output = File.Create(file))
                {
                    Compare(name, "its diff_id", diffId, Copy(unpacked, output, cancellation));
                }

                return new LayerFile(() => new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete), file);
            }
            catch
            {
                File.Delete(file);
                throw;
            }
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException)
        {
            throw new ImageFormatException($"layer {name} cannot be unpacked: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        if (temporary is not null)
        {
            File.Delete(temporary);
        }
    }

    private static string Copy(Stream from, Stream? to, CancellationToken cancellation)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferBytes];
        long total = 0;
        while (from.Read(buffer) is var length and > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            total += length;
            if (total > TarLimits.FileBytes)
            {
                throw new ImageFormatException($"a layer unpacks to more than {TarLimits.FileBytes} bytes");
            }

            hash.AppendData(buffer, 0, length);
            to?.Write(buffer, 0, length);
        }

        return $"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    private static void Compare(string name, string what, string? expected, string found)
    {
        if (expected is not null && expected != found)
        {
            throw new ImageFormatException($"layer {name} is not what the image says: {what} is {found}, expected {expected}");
        }
    }
}
