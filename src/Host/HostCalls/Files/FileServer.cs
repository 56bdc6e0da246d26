using Pavise.Boundary;
using Pavise.Boundary.HostCalls.Files;
using Pavise.Host.Interop;
using Pavise.Host.Visor;

namespace Pavise.Host.HostCalls.Files;

/// <summary>
/// The file host calls: each connection has a thread of its own that waits for a request, makes the system calls and answers. The thread keeps the rights that
/// files of other owners need, and no others.
/// </summary>
internal sealed class FileServer(FolderShares shares, VisorLog log)
{
    private const int StackBytes = 256 * 1024;

    /// <summary>CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID.</summary>
    private const ulong Capabilities = 0x1F;

    /// <summary>Connections at once, over all volumes.</summary>
    private const int Connections = 256;

    private int _open;

    /// <summary>Serves one connection to its end.</summary>
    public async Task ServeAsync(Stream connection, CancellationToken cancellation)
    {
        await using Stream guest = connection;
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Run(guest, done), StackBytes) { IsBackground = true, Name = "volume" }.Start();
        await done.Task;
    }

    private void Run(Stream guest, TaskCompletionSource done)
    {
        try
        {
            if (Interlocked.Increment(ref _open) <= Connections)
            {
                Serve(guest);
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ObjectDisposedException)
        {
            if (e is not EndOfStreamException)
            {
                log.Write($"file host calls: {e.Message}");
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            done.SetResult();
        }
    }

    private void Serve(Stream guest)
    {
        string volume = FileFrame.ReadHello(guest);
        SharedFolder? folder = shares.Enter(volume);
        if (folder is null)
        {
            log.Write($"the guest asks for a shared volume '{volume}', for which no folder was named, or once too often");
            StreamAnswer.WriteRefusedAsync(guest, "no folder", CancellationToken.None).GetAwaiter().GetResult();
            return;
        }

        try
        {
            VolumeFolder.ClearModeMask();
            _ = VolumeFolder.KeepCapabilities(Capabilities);
            guest.Write([0]);
            new FileLaneServer(guest, folder).Run();
        }
        finally
        {
            shares.Leave(volume);
        }
    }
}
