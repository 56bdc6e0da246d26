using CsCheck;
using Google.Protobuf;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Tests.Support;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Boundary.Tests.Ttrpc;

public sealed class ClientTests
{
    [Fact]
    public async Task Concurrent_calls_share_a_connection_and_get_their_own_answers()
    {
        await using Served served = await Served.EchoAsync();
        await using TtrpcClient client = new(served.Raw);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(async i =>
        {
            BindRequest answer = await CallAsync(client, new BindRequest { ApiVersion = (uint)i, Policy = ByteString.CopyFrom(new byte[i * 10]) });
            Assert.Equal(((uint)i, i * 10), (answer.ApiVersion, answer.Policy.Length));
        }));
    }

    [Fact]
    public async Task Requests_have_odd_ascending_stream_ids_and_no_flags()
    {
        using Duplex duplex = await Duplex.OpenAsync();
        await using TtrpcClient client = new(duplex.Left);
        Task[] calls = [.. Enumerable.Range(0, 20).Select(_ => Task.Run(() => CallAsync(client, new BindRequest())))];
        for (uint i = 0; i < calls.Length; i++)
        {
            (uint id, byte type, byte flags, _) = await Wire.ReadAsync(duplex.Right);
            Assert.Equal(((2 * i) + 1, (byte)1, (byte)0), (id, type, flags));
            await duplex.Right.WriteAsync(Wire.Frame(id, 2, 0, new Response().ToByteArray()));
        }

        await Task.WhenAll(calls);
    }

    [Fact]
    public async Task Status_of_the_answer_is_thrown()
    {
        await using Served served = await Served.WithAsync("Echo", (_, _) => throw new TtrpcException(TtrpcStatus.NotFound, "no such container"));
        await using TtrpcClient client = new(served.Raw);
        TtrpcException thrown = await Assert.ThrowsAsync<TtrpcException>(() => CallAsync(client, new BindRequest()));
        Assert.Equal((TtrpcStatus.NotFound, "no such container"), (thrown.Status, thrown.Message));
    }

    [Fact]
    public async Task Disconnect_fails_pending_and_later_calls_as_unavailable()
    {
        using Duplex duplex = await Duplex.OpenAsync();
        await using TtrpcClient client = new(duplex.Left);
        Task<BindRequest> pending = CallAsync(client, new BindRequest());
        await Wire.ReadAsync(duplex.Right);
        duplex.Right.Dispose();
        Assert.Equal(TtrpcStatus.Unavailable, (await Assert.ThrowsAsync<TtrpcException>(() => pending)).Status);
        await client.Completion;
        Assert.Equal(TtrpcStatus.Unavailable, (await Assert.ThrowsAsync<TtrpcException>(() => CallAsync(client, new BindRequest()))).Status);
    }

    [Fact]
    public async Task Dispose_fails_pending_calls_as_unavailable()
    {
        using Duplex duplex = await Duplex.OpenAsync();
        TtrpcClient client = new(duplex.Left);
        Task<BindRequest> pending = CallAsync(client, new BindRequest());
        await Wire.ReadAsync(duplex.Right);
        await client.DisposeAsync();
        await client.DisposeAsync();
        Assert.Equal(TtrpcStatus.Unavailable, (await Assert.ThrowsAsync<TtrpcException>(() => pending)).Status);
    }

    [Fact]
    public async Task Cancelled_call_leaves_the_connection_usable_and_its_late_answer_is_dropped()
    {
        using Duplex duplex = await Duplex.OpenAsync();
        await using TtrpcClient client = new(duplex.Left);
        using CancellationTokenSource stop = new();
        Task<BindRequest> cancelled = CallAsync(client, new BindRequest(), stop.Token);
        await Wire.ReadAsync(duplex.Right);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Task<BindRequest> next = CallAsync(client, new BindRequest());
        (uint id, _, _, _) = await Wire.ReadAsync(duplex.Right);
        await duplex.Right.WriteAsync(Wire.Frame(1, 2, 0, new Response { Payload = new BindRequest { ApiVersion = 1 }.ToByteString() }.ToByteArray()));
        await duplex.Right.WriteAsync(Wire.Frame(id, 2, 0, new Response { Payload = new BindRequest { ApiVersion = 2 }.ToByteString() }.ToByteArray()));
        Assert.Equal(2u, (await next).ApiVersion);
    }

    [Fact]
    public async Task Time_limit_crosses_in_nanoseconds_and_ends_the_call()
    {
        using Duplex duplex = await Duplex.OpenAsync();
        await using TtrpcClient client = new(duplex.Left);
        Task<Empty> call = client.CallAsync(Served.Service, "Echo", new Empty(), Empty.Parser, TimeSpan.FromMilliseconds(20), CancellationToken.None);
        (_, _, _, byte[] data) = await Wire.ReadAsync(duplex.Right);
        Assert.Equal(20_000_000, Request.Parser.ParseFrom(data).TimeoutNano);
        Assert.Equal(TtrpcStatus.DeadlineExceeded, (await Assert.ThrowsAsync<TtrpcException>(() => call)).Status);
    }

    [Fact]
    public async Task Request_above_the_limit_is_not_sent()
    {
        await using Served served = await Served.EchoAsync();
        await using TtrpcClient client = new(served.Raw);
        BindRequest big = new() { Policy = ByteString.CopyFrom(new byte[BoundaryLimits.TtrpcMessageBytes]) };
        Assert.Equal(TtrpcStatus.ResourceExhausted, (await Assert.ThrowsAsync<TtrpcException>(() => CallAsync(client, big))).Status);
        Assert.Equal(3u, (await CallAsync(client, new BindRequest { ApiVersion = 3 })).ApiVersion);
    }

    [Fact]
    public async Task Answer_above_the_limit_fails_its_call_only()
    {
        using Duplex duplex = await Duplex.OpenAsync();
        await using TtrpcClient client = new(duplex.Left);
        Task<BindRequest> call = CallAsync(client, new BindRequest());
        (uint id, _, _, _) = await Wire.ReadAsync(duplex.Right);
        await duplex.Right.WriteAsync(Wire.Frame(id, 2, 0, new byte[BoundaryLimits.TtrpcMessageBytes + 1]));
        Assert.Equal(TtrpcStatus.ResourceExhausted, (await Assert.ThrowsAsync<TtrpcException>(() => call)).Status);
        Task<BindRequest> next = CallAsync(client, new BindRequest());
        (id, _, _, _) = await Wire.ReadAsync(duplex.Right);
        await duplex.Right.WriteAsync(Wire.Frame(id, 2, 0, []));
        await next;
    }

    [Fact]
    public void Arbitrary_answers_end_every_call_with_a_value_or_a_ttrpc_status()
    {
        Gen.Select(Gen.UInt[0, 30], Gen.UInt[0, 3], Gen.Byte, Gen.Byte.Array[0, 30])
            .Select((length, id, type, data) => Wire.Frame(id, (byte)(type % 4), 0, data, length))
            .Array[0, 5]
            .Sample(frames =>
            {
                using MemoryDuplex stream = new([.. frames.SelectMany(f => f)]);
                TtrpcClient client = new(stream);
                try
                {
                    CallAsync(client, new BindRequest()).GetAwaiter().GetResult();
                }
                catch (TtrpcException)
                {
                    // Every failure has this type.
                }

                client.DisposeAsync().AsTask().GetAwaiter().GetResult();
            });
    }

    private static Task<BindRequest> CallAsync(TtrpcClient client, BindRequest request, CancellationToken cancellation = default) =>
        client.CallAsync(Served.Service, "Echo", request, BindRequest.Parser, cancellation);
}
