using System.Runtime.InteropServices;
using Google.Protobuf;
using Pavise.Session.Protocol;

namespace Pavise.Owner.Sessions;

/// <summary>Standard streams, signals and the terminal's size, between this process and one in the pVM, until that ends.</summary>
internal static class RemoteProcess
{
    private const int Interrupt = 2, Terminate = 15;

    /// <summary>Runs until the end of the request.</summary>
    /// <param name="session">The session, with a request that has begun.</param>
    /// <param name="input">Standard input; null: none.</param>
    /// <param name="terminal">Whether both sides have a terminal.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The exit status, and what went wrong.</returns>
    public static async Task<Done> RunAsync(SessionClient session, Stream? input, bool terminal, CancellationToken cancellation)
    {
        using SemaphoreSlim credited = new(0);
        long room = 0;
        bool signalled = false;
        using PosixSignalRegistration? interrupt = terminal ? null : PosixSignalRegistration.Create(PosixSignal.SIGINT, c => Signal(c, Interrupt));
        using PosixSignalRegistration? terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => Signal(c, Terminate));
        using PosixSignalRegistration? resize = terminal ? PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Resize()) : null;
        if (input is not null)
        {
            // Standard input can only be waited for by blocking; the thread ends with the program.
            new Thread(() => Feed(input)) { IsBackground = true, Name = "standard input" }.Start();
        }

        using Stream output = Console.OpenStandardOutput(), error = Console.OpenStandardError();
        while (true)
        {
            ServerFrame frame = await session.ReadAsync(cancellation);
            switch (frame.KindCase)
            {
                case ServerFrame.KindOneofCase.Output:
                    (frame.Output.Error ? error : output).Write(frame.Output.Data.Span);
                    (frame.Output.Error ? error : output).Flush();
                    break;
                case ServerFrame.KindOneofCase.Credit:
                    Interlocked.Add(ref room, frame.Credit);
                    credited.Release();
                    break;
                case ServerFrame.KindOneofCase.Gap:
                    Console.Error.WriteLine($"note: {frame.Gap.Bytes} bytes are kept no more");
                    break;
                case ServerFrame.KindOneofCase.Done:
                    return frame.Done;
                case ServerFrame.KindOneofCase.Refusal:
                    throw new SessionRefusedException(frame.Refusal);
                default:
                    break;
            }
        }

        void Feed(Stream source)
        {
            byte[] buffer = new byte[SessionProtocolLimits.DataBytes];
            try
            {
                while (source.Read(buffer) is var length and > 0)
                {
                    for (int at = 0; at < length;)
                    {
                        while (Interlocked.Read(ref room) == 0)
                        {
                            credited.Wait(cancellation);
                        }

                        int piece = (int)Math.Min(length - at, Interlocked.Read(ref room));
                        Interlocked.Add(ref room, -piece);
                        session.SendAsync(new ClientFrame { Data = ByteString.CopyFrom(buffer, at, piece) }, cancellation).GetAwaiter().GetResult();
                        at += piece;
                    }
                }

                session.SendAsync(new ClientFrame { End = new Empty() }, cancellation).GetAwaiter().GetResult();
            }
            catch (Exception e) when (e is SessionException or OperationCanceledException or ObjectDisposedException or IOException)
            {
                // The process, or the session, has ended: whoever reads from it says so.
            }
        }

        void Signal(PosixSignalContext context, uint number)
        {
            // The second time the command itself ends.
            context.Cancel = !signalled;
            signalled = true;
            _ = SendAsync(new ClientFrame { Signal = number });
        }

        void Resize()
        {
            (uint columns, uint rows) = LocalTerminal.Size;
            if (columns > 0 && rows > 0)
            {
                _ = SendAsync(new ClientFrame { Resize = new Resize { Columns = columns, Rows = rows } });
            }
        }

        async Task SendAsync(ClientFrame frame)
        {
            try
            {
                await session.SendAsync(frame, cancellation);
            }
            catch (Exception e) when (e is SessionException or OperationCanceledException or ObjectDisposedException)
            {
                // As above.
            }
        }
    }
}
