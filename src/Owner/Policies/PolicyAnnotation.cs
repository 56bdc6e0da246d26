using System.IO.Compression;

namespace Pavise.Owner.Policies;

/// <summary>The value of the annotation <c>dev.pavise.policy</c>: base64 of gzip of the canonical bytes. The same policy gives the same text.</summary>
internal static class PolicyAnnotation
{
    public static string Encode(ReadOnlySpan<byte> canonical)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.SmallestSize))
        {
            gzip.Write(canonical);
        }

        return Convert.ToBase64String(compressed.ToArray());
    }
}
