using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Pavise.Boundary.Dns;
using Pavise.Guest.Network.Kernel;

namespace Pavise.Guest.Network;

/// <summary>The resolver's sockets: UDP and TCP (RFC 7766) on the loopback interface.</summary>
internal sealed class ResolverSockets(GuestResolver resolver, TimeProvider time)
{
    private const int Backlog = 16;
    private const int MostConnections = 64;
    private const int MessageBytes = 4096;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim connections = new(MostConnections);

    /// <summary>Binds, and answers from then on.</summary>
    public void Start()
    {
        IPEndPoint place = new(IPAddress.Loopback, PacketRules.ResolverPort);
        Socket datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        datagrams.Bind(place);
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(place);
        listener.Listen(Backlog);
        _ = ServeDatagramsAsync(datagrams);
        _ = AcceptAsync(listener);
    }

    private async Task ServeDatagramsAsync(Socket socket)
    {
        byte[] room = new byte[MessageBytes];
        while (true)
        {
            try
            {
                SocketReceiveFromResult got = await socket.ReceiveFromAsync(room, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0));
                _ = AnswerAsync(socket, room.AsSpan(0, got.ReceivedBytes).ToArray(), got.RemoteEndPoint);
            }
            catch (SocketException)
            {
                // An asker that is gone.
            }
        }
    }

    private async Task AnswerAsync(Socket socket, byte[] message, EndPoint asker)
    {
        try
        {
            if (await resolver.AnswerAsync(message, CancellationToken.None) is { } answer)
            {
                await socket.SendToAsync(answer, SocketFlags.None, asker);
            }
        }
        catch (SocketException)
        {
            // An asker that is gone.
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            await connections.WaitAsync();
            try
            {
                _ = ServeAsync(await listener.AcceptAsync());
            }
            catch (SocketException)
            {
                connections.Release();
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using NetworkStream stream = new(socket, ownsSocket: true);
            byte[] head = new byte[2];
            while (true)
            {
                using CancellationTokenSource late = new(Idle, time);
                await stream.ReadExactlyAsync(head, late.Token);
                byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
                await stream.ReadExactlyAsync(message, late.Token);
                if (message.Length > MessageBytes || await resolver.AnswerAsync(message, CancellationToken.None) is not { } answer)
                {
                    return;
                }

                BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)answer.Length);
                await stream.WriteAsync((byte[])[.. head, .. answer], late.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The asker is done.
        }
        finally
        {
            connections.Release();
        }
    }
}
