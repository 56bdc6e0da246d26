using System.Threading.Channels;
using Pavise.Host.Interop;
using Pavise.Host.Vsock;

namespace Pavise.Host.Tests.Vsock.Guest;

/// <summary>A packet that the device sent.</summary>
internal sealed record Packet(PacketHeader Header, byte[] Payload);

/// <summary>
/// A guest without a virtual machine: the front end, the driver and the packets of a vsock device. It honours the device's wishes about
/// kicks and never polls, so a lost notification stops a test.
/// </summary>
internal sealed class FakeGuest : IDisposable
{
    public const uint Cid = 3;
    public const int RingSize = 128;
    public const int MemoryBytes = 16 * 1024 * 1024;
    public const int ReceiveBytes = 4096;

    private const int Slots = RingSize / 2;
    private const int ReceiveRingAt = 0;
    private const int TransmitRingAt = 0x4000;
    private const int ReceiveAt = 0x10_0000;
    private const int TransmitAt = 0x20_0000;
    private const int SlotBytes = 0x1_1000;
    private const int PayloadAt = 0x1000;

    private readonly SealedMemory _memory = new(MemoryBytes);
    private readonly EventDescriptor[] _kicks = [EventDescriptor.Create(), EventDescriptor.Create()];
    private readonly EventDescriptor[] _calls = [EventDescriptor.Create(), EventDescriptor.Create()];
    private readonly EventDescriptor _stop = EventDescriptor.Create();
    private readonly Channel<Packet> _received = Channel.CreateUnbounded<Packet>();
    private readonly Queue<ushort> _freeSlots = new(Enumerable.Range(0, Slots).Select(i => (ushort)i));
    private readonly SemaphoreSlim _free = new(Slots);
    private readonly Lock _transmitLock = new();
    private readonly bool _eventIndex;
    private readonly bool _giveBuffersBack;
    private readonly Thread _driver;

    public FakeGuest(string path, bool eventIndex = true, int receiveBuffers = Slots, bool giveBuffersBack = true, bool start = true)
    {
        (_eventIndex, _giveBuffersBack) = (eventIndex, giveBuffersBack);
        FrontEnd = new FrontEnd(path);
        Receive = new DriverRing(_memory.Mapping, ReceiveRingAt, RingSize, eventIndex);
        Transmit = new DriverRing(_memory.Mapping, TransmitRingAt, RingSize, eventIndex);
        for (int i = 0; i < receiveBuffers; i++)
        {
            PostBuffer((ushort)i);
        }

        Receive.Announce();
        _driver = new Thread(Drive) { IsBackground = true, Name = "fake driver" };
        if (start)
        {
            Start();
        }
    }

    public FrontEnd FrontEnd { get; }

    public DriverRing Receive { get; }

    public DriverRing Transmit { get; }

    public ChannelReader<Packet> Received => _received.Reader;

    public SealedMemory Memory => _memory;

    /// <summary>Sees each packet first; true when it needs nobody else.</summary>
    public Func<Packet, bool>? OnPacket { get; set; }

    public static ulong Address(int offset) => DriverRing.GuestBase + (ulong)offset;

    public void Start()
    {
        ulong features = FrontEnd.Version1 | FrontEnd.Protocol | (_eventIndex ? FrontEnd.EventIndex : 0);
        Assert.Equal(features, FrontEnd.AskNumber(FrontEnd.GetFeatures) & features);
        FrontEnd.Send(FrontEnd.SetProtocolFeatures, FrontEnd.Longs(FrontEnd.AskNumber(FrontEnd.GetProtocolFeatures)));
        FrontEnd.Send(FrontEnd.SetOwner, []);
        FrontEnd.Send(FrontEnd.SetFeatures, FrontEnd.Longs(features));
        SetMemory();
        StartRing(0, Receive);
        StartRing(1, Transmit);
        _driver.Start();
    }

    public void SetMemory() => Assert.Equal(0UL, FrontEnd.Acknowledged(
        FrontEnd.SetMemTable,
        [.. FrontEnd.Words(1, 0), .. FrontEnd.Longs(DriverRing.GuestBase, MemoryBytes, DriverRing.UserBase, 0)],
        _memory.File));

    public void StartRing(uint index, DriverRing ring, ushort first = 0)
    {
        FrontEnd.Send(FrontEnd.SetVringNum, FrontEnd.Words(index, (uint)ring.Size));
        FrontEnd.Send(FrontEnd.SetVringBase, FrontEnd.Words(index, first));
        FrontEnd.Send(FrontEnd.SetVringAddr, [.. FrontEnd.Words(index, 0), .. FrontEnd.Longs(ring.DescriptorsAddress, ring.UsedAddress, ring.AvailableAddress, 0)]);
        FrontEnd.Send(FrontEnd.SetVringCall, FrontEnd.Longs(index), _calls[index].Handle);
        FrontEnd.Send(FrontEnd.SetVringKick, FrontEnd.Longs(index), _kicks[index].Handle);
        FrontEnd.Send(FrontEnd.SetVringEnable, FrontEnd.Words(index, 1));
    }

    /// <summary>Offers receive buffer <paramref name="slot"/>: two descriptors as Linux 6.1 does for even slots, one for odd ones.</summary>
    public void PostBuffer(ushort slot)
    {
        int at = ReceiveAt + (slot * 2 * ReceiveBytes);
        if (slot % 2 == 0)
        {
            Receive.Describe(slot * 2, Address(at), PacketHeader.Bytes, 3, (ushort)((slot * 2) + 1));
            Receive.Describe((slot * 2) + 1, Address(at + PacketHeader.Bytes), ReceiveBytes, 2, 0);
        }
        else
        {
            Receive.Describe(slot * 2, Address(at), PacketHeader.Bytes + ReceiveBytes, 2, 0);
        }

        Receive.Offer((ushort)(slot * 2));
    }

    public void AnnounceBuffers()
    {
        if (Receive.Announce())
        {
            Kick(0);
        }
    }

    public void Kick(int ring) => _kicks[ring].Signal();

    /// <summary>Sends a packet: blocks while the device has all slots.</summary>
    public void Send(in PacketHeader header, ReadOnlySpan<byte> payload)
    {
        _free.Wait();
        lock (_transmitLock)
        {
            ushort slot = _freeSlots.Dequeue();
            int at = TransmitAt + (slot * SlotBytes);
            Span<byte> bytes = stackalloc byte[PacketHeader.Bytes];
            header.Encode(bytes);
            bytes.CopyTo(_memory.Mapping.Slice((ulong)at, bytes.Length));
            payload.CopyTo(_memory.Mapping.Slice((ulong)(at + PayloadAt), payload.Length));
            bool two = payload.Length > 0;
            Transmit.Describe(slot * 2, Address(at), PacketHeader.Bytes, (ushort)(two ? 1 : 0), (ushort)((slot * 2) + 1));
            Transmit.Describe((slot * 2) + 1, Address(at + PayloadAt), (uint)payload.Length, 0, 0);
            Transmit.Offer((ushort)(slot * 2));
            if (Transmit.Announce())
            {
                Kick(1);
            }
        }
    }

    public void Dispose()
    {
        _stop.Signal();
        if (_driver.IsAlive)
        {
            _driver.Join();
        }

        FrontEnd.Dispose();
        _memory.Dispose();
        _stop.Dispose();
        Array.ForEach(_kicks, k => k.Dispose());
        Array.ForEach(_calls, c => c.Dispose());
        _free.Dispose();
    }

    private void Drive()
    {
        using ReadyPoll poll = new();
        poll.Add(_calls[0].Handle, 0);
        poll.Add(_calls[1].Handle, 1);
        poll.Add(_stop.Handle, 2);
        Span<ulong> tags = stackalloc ulong[3];
        do
        {
            _calls[0].Drain();
            _calls[1].Drain();
            do
            {
                TakeReceived();
            }
            while (Receive.EnableInterrupt());
            do
            {
                TakeTransmitted();
            }
            while (Transmit.EnableInterrupt());
        }
        while (!tags[..poll.Wait(tags)].Contains(2UL));
    }

    private void TakeReceived()
    {
        while (Receive.TryUsed(out ushort head, out int written))
        {
            ReadOnlySpan<byte> bytes = _memory.Mapping.Slice((ulong)(ReceiveAt + (head * ReceiveBytes)), written);
            Packet packet = new(PacketHeader.Decode(bytes), bytes[PacketHeader.Bytes..].ToArray());
            if (_giveBuffersBack)
            {
                PostBuffer((ushort)(head / 2));
                AnnounceBuffers();
            }

            if (OnPacket?.Invoke(packet) != true)
            {
                _received.Writer.TryWrite(packet);
            }
        }
    }

    private void TakeTransmitted()
    {
        while (Transmit.TryUsed(out ushort head, out int written))
        {
            Assert.Equal(0, written);
            lock (_transmitLock)
            {
                _freeSlots.Enqueue((ushort)(head / 2));
            }

            _free.Release();
        }
    }
}
