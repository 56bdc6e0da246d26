namespace Pavise.Owner.GuestBuild;

/// <summary>Reads streams of unknown length, up to a limit.</summary>
internal static class BoundedRead
{
    /// <exception cref="OwnerException">There is more than the limit.</exception>
    internal static async Task<byte[]> AllAsync(Stream input, int limit, string what, CancellationToken cancel)
    {
        using MemoryStream whole = new();
        byte[] buffer = new byte[64 * 1024];
        int read;
        while ((read = await input.ReadAsync(buffer, cancel)) > 0)
        {
            if (whole.Length + read > limit)
            {
                throw new OwnerException($"{what} gives more than {limit} bytes");
            }

            whole.Write(buffer, 0, read);
        }

        return whole.ToArray();
    }
}
