using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;

namespace Pavise.Host.Shim.Streams;

/// <summary>
/// A fifo that a client of containerd reads. While a reader is known, a full pipe makes the process wait, as any pipe does. When there is none
/// (not yet, or no more: containerd was restarted), an anchor, open in both directions, lets the pipe itself keep what it can hold; after
/// <see cref="Patience"/> with a full pipe further output is lost, until a reader takes something.
/// </summary>
internal sealed class FifoOutput : IOutput
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestStep = TimeSpan.FromMilliseconds(100);

    private readonly string path;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource abandoned = new();
    private readonly Socket writer;
    private SafeFileHandle? anchor;
    private int kept;
    private bool patient = true;

    /// <summary>Opens the fifo; returns at once.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public FifoOutput(string path, TimeProvider time)
    {
        this.path = path;
        this.time = time;
        SafeFileHandle? end = NativeFifos.TryOpenWrite(path);
        if (end is null)
        {
            anchor = NativeFifos.OpenBoth(path);
            end = NativeFifos.TryOpenWrite(path) ?? throw new IOException($"{path} cannot be written to");
        }

        writer = PipeSocket.Wrap(end);
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            try
            {
                if (!IsAttached())
                {
                    bytes = await KeepAsync(bytes);
                }
                else
                {
                    bytes = bytes[await writer.SendAsync(bytes, SocketFlags.None, abandoned.Token)..];
                }
            }
            catch (SocketException)
            {
                // The reader went away. What it left in the pipe is still there.
                anchor = NativeFifos.OpenBoth(path);
                kept = NativeFifos.Waiting(anchor);
                patient = true;
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or IOException)
            {
                return;
            }
        }
    }

    public void Complete()
    {
        if (anchor is null)
        {
            Close();
        }
        else
        {
            _ = LingerAsync(anchor);
        }
    }

    public void Dispose()
    {
        abandoned.Cancel();
        Close();
    }

    /// <summary>Whether a reader is known: there was one at the opening, or something that we kept was taken.</summary>
    private bool IsAttached()
    {
        if (anchor is null)
        {
            return true;
        }

        if (NativeFifos.Waiting(anchor) >= kept && kept > 0 || kept == 0)
        {
            return false;
        }

        anchor.Dispose();
        anchor = null;
        return true;
    }

    /// <summary>Puts into the pipe what it takes; returns the rest, or nothing when the rest is lost.</summary>
    private async Task<ReadOnlyMemory<byte>> KeepAsync(ReadOnlyMemory<byte> bytes)
    {
        long began = time.GetTimestamp();
        while (true)
        {
            int sent = TrySend(bytes.Span);
            kept = NativeFifos.Waiting(anchor!);
            if (sent > 0)
            {
                return bytes[sent..];
            }

            if (!patient || time.GetElapsedTime(began) > Patience)
            {
                patient = false;
                return ReadOnlyMemory<byte>.Empty;
            }

            await Task.Delay(Step, time, abandoned.Token);
            if (IsAttached())
            {
                return bytes;
            }
        }
    }

    private int TrySend(ReadOnlySpan<byte> bytes)
    {
        writer.Blocking = false;
        int sent = writer.Send(bytes, SocketFlags.None, out SocketError error);
        return error == SocketError.Success ? sent : error == SocketError.WouldBlock ? 0 : throw new SocketException((int)error);
    }

    /// <summary>
    /// The last words, and the end itself where there are none, stay until a reader has come or the process is deleted: who opens a pipe that nobody
    /// writes to any more waits for ever.
    /// </summary>
    private async Task LingerAsync(SafeFileHandle own)
    {
        try
        {
            // Without the anchor, which reads too, only a real reader is one.
            own.Dispose();
            TimeSpan step = TimeSpan.FromMilliseconds(1);
            while (!HasReader())
            {
                await Task.Delay(step, time, abandoned.Token);
                step = step * 2 < LongestStep ? step * 2 : LongestStep;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or IOException)
        {
            // Deleted before anybody read.
        }

        Close();
    }

    private bool HasReader()
    {
        using SafeFileHandle? another = NativeFifos.TryOpenWrite(path);
        return another is not null;
    }

    private void Close()
    {
        writer.Dispose();
        anchor?.Dispose();
    }
}
