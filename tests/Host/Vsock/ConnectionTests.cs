using Pavise.Host.Tests.Vsock.Guest;
using Pavise.Host.Vsock;

namespace Pavise.Host.Tests.Vsock;

public sealed class ConnectionTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Guest_reaches_a_served_port(bool eventIndex)
    {
        await using Link link = Link.Open(eventIndex);
        link.Device.Accept(2051, async (stream, cancellation) =>
        {
            byte[] asked = new byte[5];
            await stream.ReadExactlyAsync(asked, cancellation);
            await stream.WriteAsync(asked.Reverse().ToArray(), cancellation);
        });
        link.Send(PacketOp.Request, 7, 2051);
        Packet response = await link.ExpectAsync(PacketOp.Response);
        Assert.Equal((2051u, 7u, 256u * 1024), (response.Header.SourcePort, response.Header.DestinationPort, response.Header.BufferAllocation));
        link.Send(PacketOp.Rw, 7, 2051, payload: [1, 2, 3, 4, 5]);
        Packet answer = await link.ExpectAsync(PacketOp.Rw);
        Assert.Equal([5, 4, 3, 2, 1], answer.Payload);
        Assert.Equal(5u, answer.Header.ForwardCount);
        Assert.Equal(3u, (await link.ExpectAsync(PacketOp.Shutdown)).Header.Flags);
        link.Send(PacketOp.Rst, 7, 2051);
    }

    [Fact]
    public async Task Port_that_nobody_serves_is_reset()
    {
        await using Link link = Link.Open();
        link.Send(PacketOp.Request, 7, 2051);
        Packet reset = await link.ExpectAsync(PacketOp.Rst);
        Assert.Equal((2051u, 7u), (reset.Header.SourcePort, reset.Header.DestinationPort));
    }

    [Fact]
    public async Task Handler_that_throws_resets_its_connection()
    {
        await using Link link = Link.Open();
        link.Device.Accept(2051, (_, _) => throw new InvalidOperationException());
        link.Send(PacketOp.Request, 7, 2051);
        await link.ExpectAsync(PacketOp.Response);
        await link.ExpectAsync(PacketOp.Rst);
        Assert.Equal(0, link.Device.Connections);
    }

    [Fact]
    public async Task Guest_port_without_listener_refuses()
    {
        await using Link link = Link.Open();
        Task<VsockStream> connecting = link.Device.ConnectAsync(1024, None);
        Packet request = await link.ExpectAsync(PacketOp.Request);
        link.Send(PacketOp.Rst, 1024, request.Header.SourcePort);
        Assert.Equal(VsockFailure.Refused, (await Assert.ThrowsAsync<VsockException>(() => connecting)).Failure);
        Assert.Equal(0, link.Device.Connections);
    }

    [Fact]
    public async Task Connection_attempt_that_is_given_up_is_reset()
    {
        await using Link link = Link.Open();
        using CancellationTokenSource stop = new();
        Task<VsockStream> connecting = link.Device.ConnectAsync(1024, stop.Token);
        await link.ExpectAsync(PacketOp.Request);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
        await link.ExpectAsync(PacketOp.Rst);
    }

    [Fact]
    public async Task Half_close_of_the_host_leaves_the_other_direction_open()
    {
        await using Link link = Link.Open();
        (VsockStream stream, uint port) = await link.ConnectAsync(1024);
        await stream.WriteAsync(new byte[] { 1 }, None);
        stream.CloseWrite();
        await link.ExpectAsync(PacketOp.Rw);
        Assert.Equal(PacketHeader.ShutdownSend, (await link.ExpectAsync(PacketOp.Shutdown)).Header.Flags);
        link.Send(PacketOp.Rw, 1024, port, payload: [9]);
        Assert.Equal(1, await stream.ReadAsync(new byte[4], None));
        Assert.Equal(VsockFailure.BrokenPipe, (await Assert.ThrowsAsync<VsockException>(async () => await stream.WriteAsync(new byte[1], None))).Failure);
    }

    [Fact]
    public async Task Half_close_of_the_guest_is_an_end_after_its_bytes_and_the_host_may_still_write()
    {
        await using Link link = Link.Open();
        (VsockStream stream, uint port) = await link.ConnectAsync(1024);
        link.Send(PacketOp.Rw, 1024, port, payload: [1, 2, 3]);
        link.Send(PacketOp.Shutdown, 1024, port, flags: PacketHeader.ShutdownSend);
        byte[] buffer = new byte[8];
        Assert.Equal(3, await stream.ReadAtLeastAsync(buffer, 8, throwOnEndOfStream: false));
        await stream.WriteAsync(new byte[] { 4 }, None);
        Assert.Equal([4], (await link.ExpectAsync(PacketOp.Rw)).Payload);
    }

    [Fact]
    public async Task Full_close_of_the_guest_is_confirmed_and_its_bytes_stay_readable()
    {
        await using Link link = Link.Open();
        (VsockStream stream, uint port) = await link.ConnectAsync(1024);
        link.Send(PacketOp.Rw, 1024, port, payload: [1, 2, 3]);
        link.Send(PacketOp.Shutdown, 1024, port, flags: 3);
        await link.ExpectAsync(PacketOp.Rst);
        Assert.Equal(0, link.Device.Connections);
        byte[] buffer = new byte[8];
        Assert.Equal(3, await stream.ReadAtLeastAsync(buffer, 8, throwOnEndOfStream: false));
        Assert.Equal(VsockFailure.BrokenPipe, (await Assert.ThrowsAsync<VsockException>(async () => await stream.WriteAsync(new byte[1], None))).Failure);
    }

    [Fact]
    public async Task Close_of_the_host_waits_for_the_guest_s_last_word_so_that_it_can_read_everything()
    {
        await using Link link = Link.Open();
        (VsockStream stream, uint port) = await link.ConnectAsync(1024);
        await stream.WriteAsync(new byte[] { 1 }, None);
        await stream.DisposeAsync();
        await link.ExpectAsync(PacketOp.Rw);
        Assert.Equal(3u, (await link.ExpectAsync(PacketOp.Shutdown)).Header.Flags);

        // Bytes under way and credit are no reason to reset.
        link.Send(PacketOp.Rw, 1024, port, payload: [5]);
        link.Send(PacketOp.CreditUpdate, 1024, port, forwarded: 1);
        link.Send(PacketOp.CreditRequest, 1024, port);
        Assert.Equal(1u, (await link.ExpectAsync(PacketOp.CreditUpdate)).Header.ForwardCount);
        Assert.Equal(1, link.Device.Connections);
        link.Send(PacketOp.Rst, 1024, port);
        link.Send(PacketOp.CreditRequest, 1, 1);
        await link.ExpectAsync(PacketOp.Rst);
        Assert.Equal(0, link.Device.Connections);
    }

    [Fact]
    public async Task Reset_of_the_guest_fails_reader_and_writer_after_the_bytes_that_came()
    {
        await using Link link = Link.Open();
        (VsockStream stream, uint port) = await link.ConnectAsync(1024);
        link.Send(PacketOp.Rw, 1024, port, payload: [1]);
        link.Send(PacketOp.Rst, 1024, port);
        Assert.Equal(1, await stream.ReadAsync(new byte[8], None));
        Assert.Equal(VsockFailure.Reset, (await Assert.ThrowsAsync<VsockException>(async () => await stream.ReadExactlyAsync(new byte[8], None))).Failure);
        Assert.Equal(VsockFailure.Reset, (await Assert.ThrowsAsync<VsockException>(async () => await stream.WriteAsync(new byte[8], None))).Failure);
    }

    [Fact]
    public async Task Cancelled_read_loses_no_bytes()
    {
        await using Link link = Link.Open();
        (VsockStream stream, uint port) = await link.ConnectAsync(1024);
        using CancellationTokenSource stop = new();
        Task<int> reading = stream.ReadAsync(new byte[8], stop.Token).AsTask();
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        link.Send(PacketOp.Rw, 1024, port, payload: [1, 2]);
        Assert.Equal(2, await stream.ReadAsync(new byte[8], None));
    }

    [Fact]
    public async Task End_of_the_virtual_machine_ends_every_connection()
    {
        await using Link link = Link.Open();
        (VsockStream stream, _) = await link.ConnectAsync(1024);
        Task<int> reading = stream.ReadAsync(new byte[8], None).AsTask();
        link.Guest.FrontEnd.Dispose();
        await link.Device.Completion;
        Assert.Equal(VsockFailure.DeviceGone, (await Assert.ThrowsAsync<VsockException>(() => reading)).Failure);
        Assert.Equal(VsockFailure.DeviceGone, (await Assert.ThrowsAsync<VsockException>(() => link.Device.ConnectAsync(1024, None))).Failure);
    }

    [Fact]
    public async Task Device_that_no_guest_ever_used_can_be_disposed()
    {
        string path = Path.Combine(Path.GetTempPath(), $"pv-{Guid.NewGuid():N}");
        VsockDevice device = VsockDevice.Listen(path, 3);
        Task<VsockStream> connecting = device.ConnectAsync(1, None);
        await device.DisposeAsync();
        await Assert.ThrowsAsync<VsockException>(() => connecting);
        Assert.False(File.Exists(path));
    }
}
