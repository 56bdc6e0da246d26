using Pavise.Boundary;
using Pavise.Host.Visor;

namespace Pavise.Host.Runtime.Processes;

/// <summary>Moves the bytes of one standard stream between this process and the guest.</summary>
internal static class StreamRelay
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Opens a stream and returns a task that ends with it.</summary>
    public static async Task<Task> OpenAsync(ISandbox sandbox, ProcessTarget target, StreamKind kind, Stream local, CancellationToken cancellation)
    {
        Stream remote = await sandbox.OpenStreamAsync(new StreamHeader(kind, target.ContainerId, target.ExecId), cancellation);
        return kind == StreamKind.Stdin
            ? Task.Factory.StartNew(() => CopyIn(local, remote), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            : CopyOutAsync(remote, local);
    }

    /// <summary>Blocking reads, since standard input may be a terminal, a pipe or a file; the end of input ends the stream.</summary>
    private static void CopyIn(Stream local, Stream remote)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            using (remote)
            {
                while (local.Read(buffer) is var length and > 0)
                {
                    remote.Write(buffer, 0, length);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            // Input closed by the caller, or the process does not read any more.
        }
    }

    private static async Task CopyOutAsync(Stream remote, Stream local)
    {
        byte[] buffer = new byte[BufferBytes];
        bool writable = true;
        try
        {
            await using (remote)
            {
                while (await remote.ReadAsync(buffer) is var length and > 0)
                {
                    // A reader that went away must not block the process: its output is drained.
                    writable = writable && TryWrite(local, buffer.AsSpan(0, length));
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The pVM is gone; the exit status tells.
        }
    }

    private static bool TryWrite(Stream local, ReadOnlySpan<byte> bytes)
    {
        try
        {
            local.Write(bytes);
            local.Flush();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
