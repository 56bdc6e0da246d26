using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;
using Pavise.Host.Vsock.Virtio;

namespace Pavise.Host.Vsock.VhostUser;

/// <summary>
/// The back end's side of vhost-user for a vsock device: two rings, the guest's context id as configuration space. Used by the device's
/// thread only. What changes is told to an <see cref="IVhostDevice"/>.
/// </summary>
internal sealed class VhostSession(SafeHandle socket, uint guestCid, IVhostDevice device, BufferCheck? allowed) : IDisposable
{
    public const int Rings = 2;

    private const ulong FeatureEventIndex = 1UL << 29;
    private const ulong FeatureProtocol = 1UL << 30;
    private const ulong FeatureVersion1 = 1UL << 32;

    // VIRTIO_F_ACCESS_PLATFORM (bit 33) is QEMU's to negotiate: where there is no IOMMU the addresses that come are guest physical ones all the same, and QEMU
    // takes a back end that offers it for one that translates.
    private const ulong Offered = FeatureEventIndex | FeatureProtocol | FeatureVersion1;
    private const ulong ProtocolReplyAck = 1UL << 3;
    private const ulong ProtocolConfig = 1UL << 9;
    private const ulong OfferedProtocol = ProtocolReplyAck | ProtocolConfig;
    private const int ConfigHeaderBytes = 12;
    private const int RegionBytes = 32;
    private const ulong NoDescriptor = 0x100;

    private readonly RingState[] _rings = [new RingState(), new RingState()];
    private GuestMemory? _memory;
    private ulong _features;
    private ulong _protocolFeatures;

    public RingState this[int ring] => _rings[ring];

    /// <summary>Handles one message; false when the front end closed.</summary>
    /// <exception cref="VhostProtocolException">The front end broke the protocol.</exception>
    /// <exception cref="VirtqueueException">A ring is in an impossible place.</exception>
    public bool HandleOne()
    {
        using VhostMessage? message = VhostMessage.Receive(socket);
        if (message is null)
        {
            return false;
        }

        if (!Answer(message) && message.WantsReply && (_protocolFeatures & ProtocolReplyAck) != 0)
        {
            message.Reply(socket, 0UL);
        }

        return true;
    }

    public void Dispose()
    {
        foreach (RingState ring in _rings)
        {
            ring.Dispose();
        }

        _memory?.Dispose();
    }

    /// <summary>Carries a message out; returns whether it has been answered by its own reply.</summary>
    private bool Answer(VhostMessage message)
    {
        switch (message.Request)
        {
            case VhostRequest.GetFeatures:
                message.Reply(socket, Offered);
                return true;
            case VhostRequest.GetProtocolFeatures:
                message.Reply(socket, OfferedProtocol);
                return true;
            case VhostRequest.GetConfig:
                ReplyConfig(message);
                return true;
            case VhostRequest.GetVringBase:
                ReplyBase(message);
                return true;
            case VhostRequest.SetFeatures:
                _features = Subset(message.Long(0), Offered);
                return false;
            case VhostRequest.SetProtocolFeatures:
                _protocolFeatures = Subset(message.Long(0), OfferedProtocol);
                return false;
            case VhostRequest.SetMemTable:
                SetMemory(message);
                return false;
            case VhostRequest.SetVringNum or VhostRequest.SetVringBase or VhostRequest.SetVringAddr or VhostRequest.SetVringEnable:
                SetRing(message);
                return false;
            case VhostRequest.SetVringKick or VhostRequest.SetVringCall or VhostRequest.SetVringErr:
                SetDescriptor(message);
                return false;
            case VhostRequest.SetOwner or VhostRequest.ResetOwner:
                return false;
            default:
                throw new VhostProtocolException($"vhost-user: request {(uint)message.Request} was not offered");
        }
    }

    private static ulong Subset(ulong wanted, ulong offered) => (wanted & ~offered) == 0
        ? wanted
        : throw new VhostProtocolException($"vhost-user: features {wanted & ~offered:x} were not offered");

    private void ReplyConfig(VhostMessage message)
    {
        uint offset = message.Word(0);
        uint size = message.Word(4);
        Span<byte> config = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(config, guestCid);
        if (offset > config.Length || size > config.Length - offset || message.Payload.Length < ConfigHeaderBytes)
        {
            message.Reply(socket, []); // An empty payload is the protocol's error answer.
            return;
        }

        Span<byte> reply = stackalloc byte[ConfigHeaderBytes + (int)size];
        message.Payload[..ConfigHeaderBytes].CopyTo(reply);
        config.Slice((int)offset, (int)size).CopyTo(reply[ConfigHeaderBytes..]);
        message.Reply(socket, reply);
    }

    private void ReplyBase(VhostMessage message)
    {
        RingState ring = Ring(message.Word(0));
        Stop(ring);
        ring.Kick?.Dispose();
        ring.Kick = null;
        Span<byte> reply = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(reply, message.Word(0));
        BinaryPrimitives.WriteUInt32LittleEndian(reply[4..], ring.Base);
        message.Reply(socket, reply);
    }

    private void SetMemory(VhostMessage message)
    {
        uint count = message.Word(0);
        if (count > DescriptorSocket.MaximumDescriptors || count != message.DescriptorCount)
        {
            throw new VhostProtocolException($"vhost-user: a memory table of {count} regions with {message.DescriptorCount} descriptors");
        }

        List<GuestRegion> regions = [];
        try
        {
            for (int at = 8; regions.Count < count; at += RegionBytes)
            {
                using SafeFileHandle file = message.TakeDescriptor();
                (ulong guest, ulong size, ulong user, ulong offset) = (message.Long(at), message.Long(at + 8), message.Long(at + 16), message.Long(at + 24));
                regions.Add(new GuestRegion(guest, user, SharedMapping.Map(file, offset, size)));
            }
        }
        catch
        {
            regions.ForEach(region => region.Mapping.Dispose());
            throw;
        }

        GuestMemory memory = new(regions, allowed);
        device.Exclusively(() => Move(memory));
    }

    private void Move(GuestMemory memory)
    {
        GuestMemory? old = _memory;
        _memory = memory;
        for (int i = 0; i < Rings; i++)
        {
            if (_rings[i] is { Running: { } running } ring)
            {
                ring.Base = running.NextAvailable;
                Start(ring);
                device.RingStarted(i, ring, memory);
            }
        }

        old?.Dispose();
    }

    private void SetRing(VhostMessage message)
    {
        RingState ring = Ring(message.Word(0));
        if (message.Request != VhostRequest.SetVringEnable && ring.Running is not null)
        {
            throw new VhostProtocolException($"vhost-user: {message.Request} while the ring runs");
        }

        switch (message.Request)
        {
            case VhostRequest.SetVringNum:
                ring.Size = (int)Math.Min(message.Word(4), SplitRing.MaximumSize + 1u);
                break;
            case VhostRequest.SetVringBase:
                ring.Base = (ushort)message.Word(4);
                break;
            case VhostRequest.SetVringAddr:
                // index u32, flags u32, descriptors u64, used u64, available u64, log u64
                ring.Addresses = new RingAddresses(message.Long(8), message.Long(24), message.Long(16));
                break;
            default:
                ring.Enabled = message.Word(4) != 0;
                break;
        }

        Update(ring);
    }

    private void SetDescriptor(VhostMessage message)
    {
        ulong value = message.Long(0);
        RingState ring = Ring((uint)(value & 0xFF));
        EventDescriptor? descriptor = (value & NoDescriptor) != 0 ? null : EventDescriptor.Adopt(message.TakeDescriptor());
        switch (message.Request)
        {
            case VhostRequest.SetVringKick:
                Stop(ring);
                ring.Kick?.Dispose();
                ring.Kick = descriptor ?? throw new VhostProtocolException("vhost-user: polling instead of kicks is not offered");
                ring.Enabled |= (_features & FeatureProtocol) == 0;
                Update(ring);
                break;
            case VhostRequest.SetVringCall:
                EventDescriptor? before = ring.Call;
                ring.Call = descriptor;
                if (ring.Running is not null)
                {
                    device.RingStarted(Array.IndexOf(_rings, ring), ring, _memory!);
                }

                before?.Dispose();
                break;
            default:
                descriptor?.Dispose();
                break;
        }
    }

    private void Update(RingState ring)
    {
        if (!ring.Enabled)
        {
            Stop(ring);
        }
        else if (ring.IsComplete && ring.Running is null)
        {
            Start(ring);
            device.RingStarted(Array.IndexOf(_rings, ring), ring, _memory!);
        }
    }

    private void Start(RingState ring)
    {
        GuestMemory memory = _memory ?? throw new VhostProtocolException("vhost-user: a ring before its memory");
        ring.Running = new SplitRing(memory, ring.Size, ring.Addresses!.Value, ring.Base, (_features & FeatureEventIndex) != 0);
    }

    private void Stop(RingState ring)
    {
        if (ring.Running is { } running)
        {
            device.RingStopped(Array.IndexOf(_rings, ring), ring);
            ring.Base = running.NextAvailable;
            ring.Running = null;
        }
    }

    private RingState Ring(uint index) => index < Rings ? _rings[index] : throw new VhostProtocolException($"vhost-user: ring {index} does not exist");
}
