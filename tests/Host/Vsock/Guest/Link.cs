using Pavise.Host.Vsock;

namespace Pavise.Host.Tests.Vsock.Guest;

/// <summary>A device and a fake guest on it.</summary>
internal sealed class Link : IAsyncDisposable
{
    public const uint HostCid = 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("pv-vsock-").FullName;

    public Link(Func<string, FakeGuest> guest, Func<ulong, uint, bool>? shareable = null, PacketRecorder? recorder = null)
    {
        string path = InFolder("vhost.sock");
        Device = VsockDevice.Listen(path, FakeGuest.Cid, shareable, recorder);
        Guest = guest(path);
    }

    public VsockDevice Device { get; }

    public FakeGuest Guest { get; }

    public static Link Open(bool eventIndex = true) => new(path => new FakeGuest(path, eventIndex));

    public string InFolder(string name) => Path.Combine(_folder, name);

    public static PacketHeader Header(PacketOp op, uint guestPort, uint hostPort, uint flags = 0, uint length = 0, uint buffer = 256 * 1024, uint forwarded = 0) => new()
    {
        SourceCid = FakeGuest.Cid,
        DestinationCid = HostCid,
        SourcePort = guestPort,
        DestinationPort = hostPort,
        Type = PacketHeader.Stream,
        Op = op,
        Flags = flags,
        Length = length,
        BufferAllocation = buffer,
        ForwardCount = forwarded,
    };

    public void Send(PacketOp op, uint guestPort, uint hostPort, uint flags = 0, byte[]? payload = null, uint buffer = 256 * 1024, uint forwarded = 0) =>
        Guest.Send(Header(op, guestPort, hostPort, flags, (uint)(payload?.Length ?? 0), buffer, forwarded), payload);

    /// <summary>The next packet, which must have this operation.</summary>
    public async Task<Packet> ExpectAsync(PacketOp op)
    {
        Packet packet = await Guest.Received.ReadAsync();
        Assert.Equal(op, packet.Header.Op);
        Assert.Equal((2ul, 3ul), (packet.Header.SourceCid, packet.Header.DestinationCid));
        return packet;
    }

    /// <summary>A connection that the host began, and the host's port.</summary>
    public async Task<(VsockStream Stream, uint HostPort)> ConnectAsync(uint guestPort, uint buffer = 256 * 1024)
    {
        Task<VsockStream> connecting = Device.ConnectAsync(guestPort, CancellationToken.None);
        Packet request = await ExpectAsync(PacketOp.Request);
        Assert.Equal(guestPort, request.Header.DestinationPort);
        Send(PacketOp.Response, guestPort, request.Header.SourcePort, buffer: buffer);
        return (await connecting, request.Header.SourcePort);
    }

    public async ValueTask DisposeAsync()
    {
        await Device.DisposeAsync();
        Guest.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
