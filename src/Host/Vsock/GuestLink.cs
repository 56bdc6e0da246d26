using Pavise.Host.Interop;
using Pavise.Host.Vsock.Virtio;

namespace Pavise.Host.Vsock;

/// <summary>
/// Everything that goes to the guest: packets into ring 0. Any thread may send; one lock orders them. Answers and control packets wait in
/// one bounded queue when the guest offers no buffers; data never waits here, its writer does, behind the queue and within the guest's credit.
/// </summary>
internal sealed class GuestLink(uint guestCid, uint hostCid, Action<Exception> fail, PacketRecorder? recorder = null)
{
    private readonly Lock _lock = new();
    private readonly DescriptorChain _chain = new();
    private readonly Queue<(VsockConnection? Connection, PacketHeader Header)> _answers = [];
    private readonly List<VsockConnection> _waiting = [];
    private SplitRing? _ring;
    private GuestMemory? _memory;
    private EventDescriptor? _call;

    /// <summary>So many answers wait that nothing more should be read from the guest.</summary>
    public bool IsCongested
    {
        get
        {
            lock (_lock)
            {
                return _answers.Count >= VsockLimits.Answers;
            }
        }
    }

    public void Start(SplitRing ring, GuestMemory memory, EventDescriptor? call)
    {
        lock (_lock)
        {
            (_ring, _memory, _call) = (ring, memory, call);
            ring.DisableKick();
            Guarded(Flush);
        }
    }

    public void Stop()
    {
        lock (_lock)
        {
            (_ring, _memory, _call) = (null, null, null);
            _answers.Clear();
            WakeWaiting();
        }
    }

    public void Exclusively(Action change)
    {
        lock (_lock)
        {
            change();
        }
    }

    /// <summary>The guest offers buffers again.</summary>
    public void Kicked()
    {
        lock (_lock)
        {
            _ring?.DisableKick();
            Guarded(Flush);
        }
    }

    /// <summary>Answers a packet that belongs to no connection.</summary>
    public void Reset(in PacketHeader cause) => Enqueue(null, new PacketHeader
    {
        SourcePort = cause.DestinationPort,
        DestinationPort = cause.SourcePort,
        Type = cause.Type,
        Op = PacketOp.Rst,
    });

    /// <summary>Sends a control packet of a connection.</summary>
    /// <returns>False when there is no guest to send it to.</returns>
    public bool Control(VsockConnection connection, PacketOp op, uint flags = 0) => Enqueue(connection, Header(connection, op, flags, 0));

    /// <summary>Sends as much as the guest's credit and buffers permit; with 0 the caller waits for the task and tries again.</summary>
    /// <exception cref="VsockException">The connection cannot send any more.</exception>
    public int TrySend(VsockConnection connection, ReadOnlySpan<byte> data, out Task writable)
    {
        writable = Task.CompletedTask;
        lock (_lock)
        {
            if (connection.WriteFailure is { } failure)
            {
                throw failure;
            }

            int sent = 0;
            Guarded(Flush);
            if (_ring is null)
            {
                throw Gone();
            }

            if (_answers.Count == 0)
            {
                int credit = Math.Min(connection.Credit, data.Length);
                if (credit == 0)
                {
                    AskForCredit(connection);
                    writable = connection.Writable.WaitAsync();
                    return 0;
                }

                sent = SendData(connection, data[..credit]);
            }

            if (sent == 0)
            {
                _waiting.Add(connection);
                writable = connection.Writable.WaitAsync();
            }

            return sent;
        }
    }

    /// <summary>Takes the credit that a packet of the guest tells.</summary>
    public void UpdateCredit(VsockConnection connection, in PacketHeader header)
    {
        lock (_lock)
        {
            connection.GuestBuffer = header.BufferAllocation;
            connection.GuestForwardCount = header.ForwardCount;
            if (connection.CreditAsked && connection.Credit > 0)
            {
                connection.CreditAsked = false;
                connection.Writable.Set();
            }
        }
    }

    /// <summary>Nothing more can be sent on a connection; its writer learns why. The first reason counts.</summary>
    public void EndWriting(VsockConnection connection, VsockException failure)
    {
        lock (_lock)
        {
            connection.WriteFailure ??= failure;
            connection.Writable.Set();
        }
    }

    private PacketHeader Header(VsockConnection connection, PacketOp op, uint flags, int length) => new()
    {
        SourcePort = connection.HostPort,
        DestinationPort = connection.GuestPort,
        Type = PacketHeader.Stream,
        Op = op,
        Flags = flags,
        Length = (uint)length,
    };

    private bool Enqueue(VsockConnection? connection, in PacketHeader header)
    {
        lock (_lock)
        {
            if (_ring is null)
            {
                return false;
            }

            _answers.Enqueue((connection, header));
            Guarded(Flush);
            return true;
        }
    }

    private void AskForCredit(VsockConnection connection)
    {
        if (!connection.CreditAsked)
        {
            connection.CreditAsked = true;
            _answers.Enqueue((connection, Header(connection, PacketOp.CreditRequest, 0, 0)));
            Guarded(Flush);
        }
    }

    private int SendData(VsockConnection connection, ReadOnlySpan<byte> data)
    {
        int sent = 0;
        try
        {
            while (sent < data.Length && TryNext())
            {
                int length = Math.Min(data.Length - sent, Math.Min(_chain.Length - PacketHeader.Bytes, VsockLimits.PacketBytes));
                Put(connection, Header(connection, PacketOp.Rw, 0, length), data.Slice(sent, length));
                connection.Sent = unchecked(connection.Sent + (uint)length);
                sent += length;
            }

            Publish();
        }
        catch (VirtqueueException broken)
        {
            Broken(broken);
            throw Gone();
        }

        return sent;
    }

    private void Flush()
    {
        if (_ring is null)
        {
            return;
        }

        while (_answers.Count > 0 && TryNext())
        {
            (VsockConnection? connection, PacketHeader header) = _answers.Dequeue();
            Put(connection, header, []);
        }

        Publish();
        if (_answers.Count == 0 && _waiting.Count > 0 && (_ring.HasOffered || _ring.EnableKick()))
        {
            WakeWaiting();
        }
    }

    /// <summary>Loads the next offered buffer; without one, asks the driver for a kick.</summary>
    private bool TryNext()
    {
        if (!_ring!.TryTake(out ushort head) && !(_ring.EnableKick() && _ring.TryTake(out head)))
        {
            return false;
        }

        _chain.Load(_ring, _memory!, head, writable: true);
        return _chain.Length > PacketHeader.Bytes ? true : throw new VirtqueueException($"a receive buffer of {_chain.Length} bytes has no room for a packet");
    }

    private void Put(VsockConnection? connection, PacketHeader header, ReadOnlySpan<byte> payload)
    {
        header = header with { SourceCid = hostCid, DestinationCid = guestCid };
        if (connection is not null)
        {
            uint forwarded = Volatile.Read(ref connection.ForwardCount);
            Volatile.Write(ref connection.ToldForwardCount, forwarded);
            header = header with { BufferAllocation = VsockLimits.ReceiveBytes, ForwardCount = forwarded };
        }

        Span<byte> bytes = stackalloc byte[PacketHeader.Bytes];
        header.Encode(bytes);
        _chain.Write(0, bytes);
        _chain.Write(PacketHeader.Bytes, payload);
        recorder?.Write(bytes, payload);
        _ring!.Complete(_chain.Head, PacketHeader.Bytes + payload.Length);
    }

    private void Publish()
    {
        if (_ring!.Publish())
        {
            _call?.Signal();
        }
    }

    private void Guarded(Action step)
    {
        try
        {
            step();
        }
        catch (VirtqueueException broken)
        {
            Broken(broken);
        }
    }

    private void Broken(VirtqueueException broken)
    {
        Stop();
        fail(broken);
    }

    private void WakeWaiting()
    {
        foreach (VsockConnection connection in _waiting)
        {
            connection.Writable.Set();
        }

        _waiting.Clear();
    }

    private static VsockException Gone() => new(VsockFailure.DeviceGone, "the guest's vsock device is gone");
}
