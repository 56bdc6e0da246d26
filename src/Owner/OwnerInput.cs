using Pavise.Session;

namespace Pavise.Owner;

/// <summary>What the owner gives as a file or through standard input, as long as a secret may be.</summary>
internal static class OwnerInput
{
    /// <summary>Reads it; <c>-</c> is standard input.</summary>
    /// <exception cref="OwnerException">It is longer.</exception>
    public static async Task<byte[]> ReadAsync(string path, CancellationToken cancellation)
    {
        await using Stream stream = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
        using MemoryStream content = new();
        byte[] buffer = new byte[64 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            content.Write(buffer, 0, read);
            if (content.Length > SessionLimits.ResourceBytes)
            {
                throw new OwnerException($"{path} has more than the {SessionLimits.ResourceBytes} bytes that a secret may have");
            }
        }

        return content.ToArray();
    }
}
