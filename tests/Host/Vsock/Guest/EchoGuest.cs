using System.Collections.Concurrent;
using System.Threading.Channels;
using Pavise.Host.Vsock;

namespace Pavise.Host.Tests.Vsock.Guest;

/// <summary>
/// An application in the fake guest that sends back what it receives, ends its half when the host ends its own, and confirms the close.
/// It keeps to the host's credit; a packet above its own credit is an error.
/// </summary>
internal sealed class EchoGuest
{
    private const uint Buffer = 64 * 1024;

    private readonly Link _link;
    private readonly Channel<Packet> _work = Channel.CreateUnbounded<Packet>();
    private readonly ConcurrentDictionary<uint, Connection> _connections = [];

    public EchoGuest(Link link)
    {
        _link = link;
        link.Guest.OnPacket = packet =>
        {
            Take(packet);
            return true;
        };
        new Thread(Work) { IsBackground = true, Name = "echo guest" }.Start();
    }

    public string? Error { get; private set; }

    /// <summary>On the driver's thread: credit only, so that the worker may wait for it.</summary>
    private void Take(Packet packet)
    {
        Connection connection = _connections.GetOrAdd(packet.Header.SourcePort, _ => new Connection());
        lock (connection)
        {
            (connection.HostBuffer, connection.HostForwarded) = (packet.Header.BufferAllocation, packet.Header.ForwardCount);
            connection.Received = unchecked(connection.Received + (uint)packet.Payload.Length);
            if (unchecked(connection.Received - connection.Forwarded) > Buffer)
            {
                Error = "the host sent more than its credit";
            }

            Monitor.PulseAll(connection);
        }

        _work.Writer.TryWrite(packet);
    }

    private void Work()
    {
        try
        {
            while (_work.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (_work.Reader.TryRead(out Packet? packet))
                {
                    Answer(packet, packet.Header.DestinationPort, packet.Header.SourcePort);
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void Answer(Packet packet, uint guestPort, uint hostPort)
    {
        Connection connection = _connections[hostPort];
        switch (packet.Header.Op)
        {
            case PacketOp.Request:
                _link.Send(PacketOp.Response, guestPort, hostPort, buffer: Buffer);
                break;
            case PacketOp.Rw:
                WaitForCredit(connection, packet.Payload.Length);
                connection.Sent = unchecked(connection.Sent + (uint)packet.Payload.Length);
                lock (connection)
                {
                    connection.Forwarded = unchecked(connection.Forwarded + (uint)packet.Payload.Length);
                }

                _link.Send(PacketOp.Rw, guestPort, hostPort, payload: packet.Payload, buffer: Buffer, forwarded: connection.Forwarded);
                break;
            case PacketOp.CreditRequest:
                _link.Send(PacketOp.CreditUpdate, guestPort, hostPort, buffer: Buffer, forwarded: connection.Forwarded);
                break;
            case PacketOp.Shutdown when packet.Header.Flags == PacketHeader.ShutdownSend:
                _link.Send(PacketOp.Shutdown, guestPort, hostPort, flags: PacketHeader.ShutdownSend, buffer: Buffer, forwarded: connection.Forwarded);
                break;
            case PacketOp.Shutdown:
                _link.Send(PacketOp.Rst, guestPort, hostPort);
                break;
        }
    }

    private static void WaitForCredit(Connection connection, int length)
    {
        lock (connection)
        {
            while (connection.HostBuffer - unchecked(connection.Sent - connection.HostForwarded) < length)
            {
                Monitor.Wait(connection);
            }
        }
    }

    private sealed class Connection
    {
        public uint HostBuffer, HostForwarded, Sent, Received, Forwarded;
    }
}
