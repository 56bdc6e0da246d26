using System.Collections.Concurrent;
using Pavise.Host.Vsock.Virtio;

namespace Pavise.Host.Vsock;

/// <summary>
/// The connections of the device and what packets do to them. <see cref="Receive"/> runs on the device's thread; everything else on any.
/// A packet that makes no sense costs its connection, never the device.
/// </summary>
internal sealed class PacketSwitch(GuestLink link, uint guestCid, uint hostCid, Action<VsockConnection> accept, PacketRecorder? recorder = null)
{
    private const uint ShutdownBoth = PacketHeader.ShutdownReceive | PacketHeader.ShutdownSend;

    private readonly ConcurrentDictionary<ulong, VsockConnection> _connections = [];
    private readonly ConcurrentDictionary<uint, bool> _listening = [];
    private int _nextPort;

    public int Count => _connections.Count;

    public bool Listen(uint hostPort) => _listening.TryAdd(hostPort, true);

    /// <summary>Asks the guest for a connection. <see cref="VsockConnection.Established"/> tells the outcome.</summary>
    /// <exception cref="VsockException">Too many connections.</exception>
    public VsockConnection Connect(uint guestPort)
    {
        if (_connections.Count >= VsockLimits.Connections)
        {
            throw new VsockException(VsockFailure.Exhausted, $"{VsockLimits.Connections} vsock connections are open");
        }

        VsockConnection connection;
        do
        {
            uint hostPort = VsockLimits.FirstEphemeralPort + ((uint)Interlocked.Increment(ref _nextPort) % VsockLimits.FirstEphemeralPort);
            connection = new VsockConnection(guestPort, hostPort)
            {
                Phase = ConnectionPhase.Connecting,
                Established = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously),
            };
        }
        while (!_connections.TryAdd(connection.Key, connection));

        if (!link.Control(connection, PacketOp.Request))
        {
            VsockException gone = new(VsockFailure.DeviceGone, "the guest's driver does not run the vsock device");
            Forget(connection, gone, gone);
        }

        return connection;
    }

    /// <summary>The host's side ends its half (half-close).</summary>
    public void CloseWrite(VsockConnection connection)
    {
        link.EndWriting(connection, new VsockException(VsockFailure.BrokenPipe, "this side has ended its half of the connection"));
        if (connection.Phase == ConnectionPhase.Open)
        {
            link.Control(connection, PacketOp.Shutdown, PacketHeader.ShutdownSend);
        }
    }

    /// <summary>The host's side is finished. The guest may still read what was sent: its last word ends the connection.</summary>
    public void Close(VsockConnection connection)
    {
        lock (connection.Gate)
        {
            connection.Received.Clear();
            connection.EndReading(null);
            if (connection.Phase != ConnectionPhase.Open)
            {
                return;
            }

            connection.Phase = ConnectionPhase.Lingering;
        }

        link.EndWriting(connection, new VsockException(VsockFailure.BrokenPipe, "the connection was closed"));
        link.Control(connection, PacketOp.Shutdown, ShutdownBoth);
    }

    /// <summary>Ends a connection at once, both ways.</summary>
    public void Abort(VsockConnection connection, VsockException reason)
    {
        if (Forget(connection, reason, reason))
        {
            link.Control(connection, PacketOp.Rst);
        }
    }

    /// <summary>The guest is gone: so is every connection.</summary>
    public void AbortAll(VsockException reason)
    {
        foreach (VsockConnection connection in _connections.Values)
        {
            Forget(connection, reason, reason);
        }
    }

    /// <summary>Tells the guest what has been taken, when enough has.</summary>
    public void ReturnCredit(VsockConnection connection)
    {
        if (connection.OwesCredit && connection.Phase != ConnectionPhase.Gone)
        {
            link.Control(connection, PacketOp.CreditUpdate);
        }
    }

    /// <summary>Handles one packet from the guest.</summary>
    /// <exception cref="VirtqueueException">The chain is too short for a packet.</exception>
    public void Receive(DescriptorChain chain)
    {
        if (chain.Length < PacketHeader.Bytes)
        {
            throw new VirtqueueException($"a packet of {chain.Length} bytes has no header");
        }

        Span<byte> bytes = stackalloc byte[PacketHeader.Bytes];
        chain.Read(0, bytes);
        PacketHeader header = PacketHeader.Decode(bytes);
        if (recorder is not null)
        {
            byte[] payload = new byte[chain.Length - PacketHeader.Bytes];
            chain.Read(PacketHeader.Bytes, payload);
            recorder.Write(bytes, payload);
        }

        if (header.SourceCid != guestCid || header.DestinationCid != hostCid)
        {
            return; // For nobody: dropped, as Linux drops it.
        }

        _connections.TryGetValue(VsockConnection.KeyOf(header.SourcePort, header.DestinationPort), out VsockConnection? connection);
        if (header.Type != PacketHeader.Stream || header.Length > VsockLimits.PacketBytes || header.Length > chain.Length - PacketHeader.Bytes)
        {
            Refuse(connection, header);
        }
        else if (connection is not null)
        {
            link.UpdateCredit(connection, header);
            Deliver(connection, header, chain);
        }
        else if (header.Op == PacketOp.Request && _listening.ContainsKey(header.DestinationPort) && _connections.Count < VsockLimits.Connections)
        {
            Accept(header);
        }
        else
        {
            Refuse(null, header);
        }
    }

    private void Accept(in PacketHeader header)
    {
        VsockConnection connection = new(header.SourcePort, header.DestinationPort) { Phase = ConnectionPhase.Open };
        _connections[connection.Key] = connection;
        link.UpdateCredit(connection, header);
        link.Control(connection, PacketOp.Response);
        accept(connection);
    }

    private void Deliver(VsockConnection connection, in PacketHeader header, DescriptorChain chain)
    {
        switch (header.Op)
        {
            case PacketOp.Rst:
                VsockFailure why = connection.Phase == ConnectionPhase.Connecting ? VsockFailure.Refused : VsockFailure.Reset;
                VsockException reason = new(why, why == VsockFailure.Refused ? $"nobody listens on guest port {connection.GuestPort}" : "the guest reset the connection");
                Forget(connection, reason, reason);
                break;
            case PacketOp.Response when connection.Phase == ConnectionPhase.Connecting:
                lock (connection.Gate)
                {
                    connection.Phase = ConnectionPhase.Open;
                }

                connection.Established!.TrySetResult();
                break;
            case PacketOp.Rw when connection.Phase is ConnectionPhase.Open or ConnectionPhase.Lingering && Append(connection, header, chain):
            case PacketOp.CreditUpdate:
                break;
            case PacketOp.CreditRequest:
                link.Control(connection, PacketOp.CreditUpdate);
                break;
            case PacketOp.Shutdown when connection.Phase is ConnectionPhase.Open or ConnectionPhase.Lingering:
                Shutdown(connection, header.Flags);
                break;
            default:
                Refuse(connection, header);
                break;
        }
    }

    private bool Append(VsockConnection connection, in PacketHeader header, DescriptorChain chain)
    {
        bool discarded = false;
        lock (connection.Gate)
        {
            if (connection.GuestSendsNoMore && connection.Phase == ConnectionPhase.Open)
            {
                return false; // Data after the guest's own end.
            }

            if (connection.Phase == ConnectionPhase.Lingering)
            {
                connection.ForwardCount = unchecked(connection.ForwardCount + header.Length);
                discarded = true;
            }
            else if (connection.Received.TryAppend(chain, PacketHeader.Bytes, (int)header.Length))
            {
                connection.Readable.Set();
            }
            else
            {
                return false; // More than its credit.
            }
        }

        if (discarded)
        {
            ReturnCredit(connection);
        }

        return true;
    }

    private void Shutdown(VsockConnection connection, uint flags)
    {
        VsockException finished = new(VsockFailure.BrokenPipe, "the guest has closed the connection");
        connection.BrokenOff = (flags & ShutdownBoth) == ShutdownBoth && (connection.GuestShutdown & PacketHeader.ShutdownSend) == 0;
        connection.GuestShutdown |= flags & ShutdownBoth;
        if ((flags & PacketHeader.ShutdownReceive) != 0)
        {
            link.EndWriting(connection, finished);
        }

        if ((flags & PacketHeader.ShutdownSend) != 0)
        {
            lock (connection.Gate)
            {
                connection.EndReading(null);
            }
        }

        if (connection.GuestShutdown == ShutdownBoth && Forget(connection, null, finished))
        {
            link.Control(connection, PacketOp.Rst); // The answer that ends the guest's wait.
        }
    }

    private void Refuse(VsockConnection? connection, in PacketHeader header)
    {
        if (connection is not null)
        {
            VsockException reason = new(VsockFailure.Reset, "the guest broke the vsock protocol on this connection");
            Forget(connection, reason, reason);
        }

        if (header.Op != PacketOp.Rst)
        {
            link.Reset(header);
        }
    }

    /// <summary>Takes a connection out; true for the one who did.</summary>
    private bool Forget(VsockConnection connection, VsockException? readFailure, VsockException writeFailure)
    {
        if (!_connections.TryRemove(new KeyValuePair<ulong, VsockConnection>(connection.Key, connection)))
        {
            return false;
        }

        lock (connection.Gate)
        {
            connection.Phase = ConnectionPhase.Gone;
            connection.EndReading(readFailure);
        }

        link.EndWriting(connection, writeFailure);
        connection.Established?.TrySetException(writeFailure);
        return true;
    }
}
