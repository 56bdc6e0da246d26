using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Session.Protocol;

namespace Pavise.Guest.Sessions.Verbs;

/// <summary>One connection to a port on the pod's loopback.</summary>
internal static class ForwardVerb
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(VerbContext context, CancellationToken cancellation)
    {
        uint port = context.Request.Forward is > 0 and <= ushort.MaxValue ? context.Request.Forward : throw new VerbRefusedException(new Refusal { Reason = "a port is 1 to 65535" });
        context.Decide<OwnerPlan>(new OwnerForward(context.Owner, context.ContainerId), string.Create(CultureInfo.InvariantCulture, $"{context.ContainerId}: port {port}"));
        await context.AcceptAsync(cancellation);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using CancellationTokenSource late = new(ConnectTime, context.Time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, (int)port), either.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            await context.DoneAsync(cancellation, 1, $"nothing answers on port {port}: {e.Message}");
            return;
        }

        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task inward = InwardAsync(context, socket, over.Token);
        string error = await OutwardAsync(context, socket, cancellation);
        await over.CancelAsync();
        await inward.ContinueWith(_ => { }, TaskScheduler.Default);
        await context.DoneAsync(cancellation, error.Length == 0 ? 0 : 1, error);
    }

    private static async Task<string> OutwardAsync(VerbContext context, Socket socket, CancellationToken cancellation)
    {
        byte[] buffer = new byte[SessionProtocolLimits.DataBytes];
        try
        {
            while (await socket.ReceiveAsync(buffer, SocketFlags.None, cancellation) is var length and > 0)
            {
                await context.Connection.OutputAsync(buffer.AsMemory(0, length), false, 0, cancellation);
            }

            return "";
        }
        catch (SocketException e)
        {
            return e.Message;
        }
    }

    private static async Task InwardAsync(VerbContext context, Socket socket, CancellationToken cancellation)
    {
        try
        {
            while (await context.Connection.ReadAsync(cancellation) is { } frame)
            {
                if (frame.KindCase == ClientFrame.KindOneofCase.Data)
                {
                    for (ReadOnlyMemory<byte> rest = frame.Data.Memory; !rest.IsEmpty;)
                    {
                        rest = rest[await socket.SendAsync(rest, SocketFlags.None, cancellation)..];
                    }
                }
                else if (frame.KindCase == ClientFrame.KindOneofCase.End)
                {
                    socket.Shutdown(SocketShutdown.Send);
                }
                else if (frame.KindCase == ClientFrame.KindOneofCase.Signal)
                {
                    // The owner's side of the connection is gone altogether.
                    socket.Close();
                    return;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The application closed the connection: reading says so.
        }
        catch (SessionException)
        {
            socket.Close();
        }
    }
}
