using System.Threading.Channels;
using Google.Protobuf;

namespace Pavise.Session.Protocol;

/// <summary>
/// The guest's end of a session after the handshake. Messages are read all the time, so that a silent peer is noticed and a ping is answered whatever a request is
/// doing; a request that takes none holds the peer back, never the guest.
/// </summary>
public sealed class SessionConnection
{
    private static readonly ServerFrame Pong = new() { Pong = new Empty() };

    private readonly Stream stream;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly Channel<ClientFrame> frames = Channel.CreateBounded<ClientFrame>(
        new BoundedChannelOptions(SessionProtocolLimits.WaitingFrames) { SingleReader = true, SingleWriter = true });

    internal SessionConnection(Stream stream, TimeProvider time) => (this.stream, this.time) = (stream, time);

    /// <summary>The next message but pings; null at the peer's orderly end.</summary>
    /// <exception cref="SessionException">The session broke.</exception>
    public async ValueTask<ClientFrame?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return await frames.Reader.WaitToReadAsync(cancellation) && frames.Reader.TryRead(out ClientFrame? frame) ? frame : null;
        }
        catch (Exception e) when (e is IOException or SessionFormatException)
        {
            throw new SessionException(e.Message, e);
        }
    }

    /// <summary>Sends a message; waits as long as the peer takes to read what came before it.</summary>
    /// <exception cref="SessionException">The session broke.</exception>
    public async Task WriteAsync(ServerFrame frame, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation);
        try
        {
            await Frames.WriteAsync(stream, frame, cancellation);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            throw new SessionException("the peer is gone", e);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Sends output in pieces.</summary>
    public async Task OutputAsync(ReadOnlyMemory<byte> data, bool error, long unixMs, CancellationToken cancellation)
    {
        while (!data.IsEmpty)
        {
            ReadOnlyMemory<byte> piece = data[..Math.Min(data.Length, SessionProtocolLimits.DataBytes)];
            await WriteAsync(new ServerFrame { Output = new Output { Error = error, Data = UnsafeByteOperations.UnsafeWrap(piece), UnixMs = unixMs } }, cancellation);
            data = data[piece.Length..];
        }
    }

    /// <summary>Reads messages until the end of the stream, or until the peer was silent for too long.</summary>
    internal async Task PumpAsync(CancellationToken cancellation)
    {
        Exception? broken = null;
        try
        {
            while (true)
            {
                using CancellationTokenSource silent = new(SessionProtocolLimits.Idle, time);
                using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(silent.Token, cancellation);
                if (await Frames.ReadAsync(stream, ClientFrame.Parser, SessionProtocolLimits.ClientFrameBytes, either.Token) is not { } frame)
                {
                    return;
                }

                if (frame.KindCase == ClientFrame.KindOneofCase.Ping)
                {
                    await WriteAsync(Pong, cancellation);
                }
                else
                {
                    await frames.Writer.WriteAsync(frame, cancellation);
                }
            }
        }
        catch (OperationCanceledException e)
        {
            broken = new SessionException("the peer was silent for too long, or the session is over", e);
        }
        catch (Exception e) when (e is IOException or SessionFormatException or SessionException or ObjectDisposedException)
        {
            broken = e is SessionException ? e : new SessionException(e.Message, e);
        }
        finally
        {
            frames.Writer.TryComplete(broken);
        }
    }
}
