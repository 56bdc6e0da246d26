using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Pavise.Owner.Sessions;
using Pavise.Session.Protocol;

namespace Pavise.Owner.Commands.Sessions;

/// <summary>`pavise forward POD LOCAL:REMOTE`: a port of this machine's loopback leads to one of the pod's. Each connection is a session of its own.</summary>
internal static class ForwardCommand
{
    internal static Command Create()
    {
        Argument<string> pod = new("POD") { Description = "The pod, or what the carrier calls it." };
        Argument<string[]> ports = new("PORT") { Description = "LOCAL:REMOTE, or one number for both; local 0: any free one.", Arity = ArgumentArity.OneOrMore };
        Command command = new("forward", "Forwards local ports to a pod, by owner sessions.") { pod, ports };
        SessionOptions options = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            List<Task> listening = [];
            foreach ((int local, int remote) in parsed.GetRequiredValue(ports).Select(Read))
            {
                TcpListener listener = new(IPAddress.Loopback, local);
                listener.Start();
                parsed.InvocationConfiguration.Output.WriteLine($"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port} leads to port {remote}");
                listening.Add(AcceptAsync(listener, remote));
            }

            await Task.WhenAll(listening);
            return CommandLine.Done;

            async Task AcceptAsync(TcpListener listener, int remote)
            {
                while (true)
                {
                    TcpClient connection = await listener.AcceptTcpClientAsync(cancellation);
                    _ = Task.Run(() => ServeAsync(connection, remote), cancellation);
                }
            }

            async Task ServeAsync(TcpClient connection, int remote)
            {
                using (connection)
                {
                    try
                    {
                        await using SessionClient session = await options.ConnectAsync(parsed, parsed.GetRequiredValue(pod), cancellation);
                        await SessionOptions.GuardAsync(() => CarryAsync(session, new Request { Container = options.Container(parsed), Forward = (uint)remote }, connection.GetStream(), cancellation));
                    }
                    catch (Exception e) when (e is OwnerException or IOException)
                    {
                        parsed.InvocationConfiguration.Error.WriteLine($"error: {e.Message}");
                    }
                }
            }
        });
        return command;
    }

    private static async Task<int> CarryAsync(SessionClient session, Request request, Stream local, CancellationToken cancellation)
    {
        await session.BeginAsync(request, cancellation);
        Task inward = InwardAsync();
        while (true)
        {
            ServerFrame frame = await session.ReadAsync(cancellation);
            if (frame.Output is { } piece)
            {
                await local.WriteAsync(piece.Data.Memory, cancellation);
            }
            else if (frame.Done is { } done)
            {
                await session.EndAsync();
                return done.Error.Length == 0 ? 0 : throw new OwnerException(done.Error);
            }
        }

        async Task InwardAsync()
        {
            byte[] buffer = new byte[SessionProtocolLimits.DataBytes];
            try
            {
                while (await local.ReadAsync(buffer, cancellation) is var length and > 0)
                {
                    await session.SendAsync(new ClientFrame { Data = ByteString.CopyFrom(buffer, 0, length) }, cancellation);
                }

                await session.SendAsync(new ClientFrame { End = new Empty() }, cancellation);
            }
            catch (Exception e) when (e is IOException or SessionException or ObjectDisposedException or OperationCanceledException)
            {
                // The reading side says so.
            }
        }
    }

    private static (int Local, int Remote) Read(string text)
    {
        string[] parts = text.Split(':');
        return parts.Length is 1 or 2 && ushort.TryParse(parts[0], out ushort local) && ushort.TryParse(parts[^1], out ushort remote) && remote > 0
            ? (local, remote)
            : throw new OwnerException($"{text} is no port", "LOCAL:REMOTE, such as 8080:80");
    }
}
