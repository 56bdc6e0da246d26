using Pavise.Host.Interop;

namespace Pavise.Host.Shim.Streams;

/// <summary>Opens the host's ends of a process's output.</summary>
internal static class Outputs
{
    private const uint TypeMask = 0xF000;
    private const uint FifoType = 0x1000;

    /// <summary>Opens both.</summary>
    /// <exception cref="HostException">A scheme is unknown, or a path cannot be opened.</exception>
    public static async Task<(IOutput Stdout, IOutput Stderr)> OpenAsync(StdioPaths paths, string containerdNamespace, string id, TimeProvider time)
    {
        try
        {
            if (Scheme(paths.Stdout) == "binary")
            {
                LoggerProgram program = await LoggerProgram.StartAsync(new Uri(paths.Stdout), containerdNamespace, id, time);
                return (program.Stdout, program.Stderr);
            }

            IOutput stdout = Open(paths.Stdout, time);
            try
            {
                return (stdout, paths.Terminal ? new NoOutput() : Open(paths.Stderr, time));
            }
            catch
            {
                stdout.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UriFormatException)
        {
            throw new HostException($"a standard stream cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Refuses what <see cref="OpenAsync"/> could not open by its kind, before anything is started for it.</summary>
    /// <exception cref="HostException">A scheme is unknown.</exception>
    public static void Check(StdioPaths paths)
    {
        foreach (string path in new[] { paths.Stdout, paths.Stderr })
        {
            if (Scheme(path) is not ("" or "fifo" or "file" or "binary") and var unknown)
            {
                throw new HostException($"unknown STDIO scheme {unknown}: a stream goes to a fifo, file:// or binary://");
            }
        }
    }

    private static IOutput Open(string address, TimeProvider time)
    {
        if (address.Length == 0)
        {
            return new NoOutput();
        }

        string path = Scheme(address) switch
        {
            "" => address,
            "fifo" or "file" => new Uri(address).LocalPath,
            var unknown => throw new HostException($"a stream of scheme {unknown} cannot be opened here"),
        };
        return IsFifo(path) ? new FifoOutput(path, time) : new FileOutput(path);
    }

    private static bool IsFifo(string path) => Path.Exists(path) && (NativeStat.Read(path).Mode & TypeMask) == FifoType;

    private static string Scheme(string address) => address.IndexOf("://", StringComparison.Ordinal) is var end and > 0 && !address.StartsWith('/') ? address[..end] : "";
}
