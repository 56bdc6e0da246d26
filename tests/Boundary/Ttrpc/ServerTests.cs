using System.Text;
using CsCheck;
using Google.Protobuf;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Tests.Support;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Boundary.Tests.Ttrpc;

public sealed class ServerTests
{
    private static readonly byte[] Message = new BindRequest { ApiVersion = 7 }.ToByteArray();

    [Fact]
    public async Task Response_has_the_request_s_stream_id_and_the_answer()
    {
        await using Served served = await Served.EchoAsync();
        await served.Raw.WriteAsync(Wire.Request(5, Served.Service, "Echo", Message));
        (uint id, byte type, byte flags, byte[] data) = await Wire.ReadAsync(served.Raw);
        Assert.Equal((5u, (byte)2, (byte)0), (id, type, flags));
        Assert.Equal(7u, BindRequest.Parser.ParseFrom(Response.Parser.ParseFrom(data).Payload).ApiVersion);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)] // remote closed: what clients since 1.2 may say of a call without further data
    [InlineData(0x80)]
    public async Task Flags_that_do_not_open_a_stream_are_a_unary_request(byte flags)
    {
        await using Served served = await Served.EchoAsync();
        await served.Raw.WriteAsync(Wire.Request(1, Served.Service, "Echo", Message, flags));
        Assert.Equal((1u, TtrpcStatus.Ok, ""), await Wire.ReadStatusAsync(served.Raw));
    }

    public static TheoryData<string, byte[], uint, TtrpcStatus> Refused => new()
    {
        { "unknown service", Wire.Request(1, "test.Other", "Echo", Message), 1, TtrpcStatus.Unimplemented },
        { "unknown method", Wire.Request(1, Served.Service, "Other", Message), 1, TtrpcStatus.Unimplemented },
        { "streaming call", Wire.Request(1, Served.Service, "Echo", Message, flags: 2), 1, TtrpcStatus.Unimplemented },
        { "even stream id", Wire.Request(2, Served.Service, "Echo", Message), 2, TtrpcStatus.InvalidArgument },
        { "data on no stream", Wire.Frame(9, 3, 1, []), 9, TtrpcStatus.InvalidArgument },
        { "malformed envelope", Wire.Frame(1, 1, 0, [0xFF, 0xFF, 0xFF]), 1, TtrpcStatus.InvalidArgument },
        { "too long", Wire.Frame(1, 1, 0, new byte[BoundaryLimits.TtrpcMessageBytes + 1]), 1, TtrpcStatus.ResourceExhausted },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Bad_frame_is_answered_with_its_status_and_the_connection_goes_on(string what, byte[] frame, uint streamId, TtrpcStatus status)
    {
        await using Served served = await Served.EchoAsync();
        await served.Raw.WriteAsync(frame);
        (uint id, TtrpcStatus got, string message) = await Wire.ReadStatusAsync(served.Raw);
        Assert.True((streamId, status) == (id, got) && message.Length > 0, $"{what}: {id} {got} {message}");
        await served.Raw.WriteAsync(Wire.Request(11, Served.Service, "Echo", Message));
        Assert.Equal(11u, (await Wire.ReadStatusAsync(served.Raw)).StreamId);
    }

    [Fact]
    public async Task Stream_id_is_never_used_twice()
    {
        await using Served served = await Served.EchoAsync();
        await served.Raw.WriteAsync(Wire.Request(3, Served.Service, "Echo", Message));
        await Wire.ReadAsync(served.Raw);
        foreach (uint id in new uint[] { 3, 1 })
        {
            await served.Raw.WriteAsync(Wire.Request(id, Served.Service, "Echo", Message));
            Assert.Equal(TtrpcStatus.InvalidArgument, (await Wire.ReadStatusAsync(served.Raw)).Status);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(255)]
    public async Task Unknown_message_types_are_ignored(byte type)
    {
        await using Served served = await Served.EchoAsync();
        await served.Raw.WriteAsync(Wire.Frame(1, type, 0, Message));
        await served.Raw.WriteAsync(Wire.Request(3, Served.Service, "Echo", Message));
        Assert.Equal((3u, TtrpcStatus.Ok, ""), await Wire.ReadStatusAsync(served.Raw));
    }

    [Fact]
    public async Task Handler_s_ttrpc_exception_crosses_as_it_is()
    {
        await using Served served = await Served.WithAsync("M", (_, _) => throw new TtrpcException(TtrpcStatus.PermissionDenied, "refused by the owner's policy"));
        await served.Raw.WriteAsync(Wire.Request(1, Served.Service, "M", []));
        Assert.Equal((1u, TtrpcStatus.PermissionDenied, "refused by the owner's policy"), await Wire.ReadStatusAsync(served.Raw));
    }

    [Fact]
    public async Task Handler_s_other_exceptions_say_nothing_to_the_peer()
    {
        List<Exception> seen = [];
        TtrpcServer server = new(null, (_, _, exception) => seen.Add(exception));
        server.Add(Served.Service, "M", (_, _) => throw new InvalidOperationException("the secret is 42"));
        await using Served served = await Served.StartAsync(server);
        await served.Raw.WriteAsync(Wire.Request(1, Served.Service, "M", []));
        (_, _, _, byte[] data) = await Wire.ReadAsync(served.Raw);
        Assert.DoesNotContain("42", Encoding.UTF8.GetString(data), StringComparison.Ordinal);
        Assert.Equal("internal error", Response.Parser.ParseFrom(data).Status.Message);
        Assert.Equal("the secret is 42", Assert.Single(seen).Message);
    }

    [Fact]
    public async Task Answer_above_the_limit_becomes_a_status()
    {
        await using Served served = await Served.WithAsync("M", (_, _) =>
            Task.FromResult<IMessage>(new BindRequest { Policy = ByteString.CopyFrom(new byte[BoundaryLimits.TtrpcMessageBytes]) }));
        await served.Raw.WriteAsync(Wire.Request(1, Served.Service, "M", []));
        Assert.Equal(TtrpcStatus.ResourceExhausted, (await Wire.ReadStatusAsync(served.Raw)).Status);
    }

    [Fact]
    public async Task Requests_run_concurrently_and_answers_may_overtake()
    {
        TaskCompletionSource<IMessage> first = new();
        int count = 0;
        await using Served served = await Served.WithAsync("M", (_, _) => Interlocked.Increment(ref count) == 1 ? first.Task : Task.FromResult<IMessage>(new Empty()));
        await served.Raw.WriteAsync(Wire.Request(1, Served.Service, "M", []));
        while (Volatile.Read(ref count) == 0)
        {
            await Task.Yield();
        }

        await served.Raw.WriteAsync(Wire.Request(3, Served.Service, "M", []));
        Assert.Equal(3u, (await Wire.ReadStatusAsync(served.Raw)).StreamId);
        first.SetResult(new Empty());
        Assert.Equal(1u, (await Wire.ReadStatusAsync(served.Raw)).StreamId);
    }

    [Fact]
    public async Task Requests_above_the_bound_are_refused_and_the_others_live()
    {
        TaskCompletionSource<IMessage> all = new();
        await using Served served = await Served.WithAsync("M", (_, _) => all.Task);
        for (uint i = 0; i <= BoundaryLimits.ConcurrentRequests; i++)
        {
            await served.Raw.WriteAsync(Wire.Request((2 * i) + 1, Served.Service, "M", []));
        }

        Assert.Equal(((2u * BoundaryLimits.ConcurrentRequests) + 1, TtrpcStatus.ResourceExhausted), await IdAndStatus(served));
        all.SetResult(new Empty());
        for (int i = 0; i < BoundaryLimits.ConcurrentRequests; i++)
        {
            Assert.Equal(TtrpcStatus.Ok, (await IdAndStatus(served)).Item2);
        }
    }

    [Fact]
    public async Task Bytes_in_flight_are_bounded()
    {
        await using Served served = await Served.WithAsync("M", async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return new Empty();
        });
        byte[] big = new byte[BoundaryLimits.TtrpcMessageBytes - 100];
        int fits = BoundaryLimits.TtrpcBytesInFlight / BoundaryLimits.TtrpcMessageBytes;
        for (int i = 0; i <= fits; i++)
        {
            await served.Raw.WriteAsync(Wire.Request((uint)((2 * i) + 1), Served.Service, "M", big));
        }

        Assert.Equal(((uint)((2 * fits) + 1), TtrpcStatus.ResourceExhausted), await IdAndStatus(served));
    }

    [Fact]
    public async Task Caller_s_time_limit_ends_the_handler()
    {
        await using Served served = await Served.WithAsync("M", async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return new Empty();
        });
        await served.Raw.WriteAsync(Wire.Request(1, Served.Service, "M", [], timeoutNano: 1));
        Assert.Equal((1u, TtrpcStatus.DeadlineExceeded), await IdAndStatus(served));
    }

    [Fact]
    public async Task The_longest_time_limit_that_can_be_written_is_no_limit_and_the_call_is_answered()
    {
        await using Served served = await Served.WithAsync("M", (_, _) => Task.FromResult<IMessage>(new Empty()));
        await served.Raw.WriteAsync(Wire.Request(1, Served.Service, "M", [], timeoutNano: long.MaxValue));
        Assert.Equal((1u, TtrpcStatus.Ok), await IdAndStatus(served));
    }

    [Fact]
    public void Metadata_of_a_request_becomes_no_objects()
    {
        byte[] pairs = [.. Enumerable.Repeat<byte[]>([0x2a, 0], 1000).SelectMany(p => p)];
        Assert.Equal(0, Request.Parser.WithDiscardUnknownFields(true).ParseFrom(pairs).CalculateSize());
    }

    [Fact]
    public async Task Closed_connection_ends_its_handlers_and_then_the_serving()
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool ended = false;
        await using Served served = await Served.WithAsync("M", async (_, cancellation) =>
        {
            started.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                ended = true;
            }

            return new Empty();
        });
        await served.Raw.WriteAsync(Wire.Request(1, Served.Service, "M", []));
        await started.Task;
        served.Raw.Dispose();
        await served.Serving;
        Assert.True(ended);
    }

    [Fact]
    public void Arbitrary_bytes_never_break_the_server()
    {
        Gen.Select(Gen.UInt[0, 40], Gen.UInt[0, 9], Gen.Byte, Gen.Byte, Gen.Byte.Array[0, 40])
            .Select((length, id, type, flags, data) => Wire.Frame(id, (byte)(type % 6), flags, data, length))
            .Array[1, 6]
            .Sample(frames =>
            {
                TtrpcServer server = new(null, (_, _, exception) => Assert.Fail(exception.ToString()));
                server.Add(Served.Service, "Echo", (bytes, _) => Task.FromResult<IMessage>(new Empty()));
                using MemoryDuplex stream = new([.. frames.SelectMany(f => f)]);
                server.ServeAsync(stream, CancellationToken.None).GetAwaiter().GetResult();
            });
    }

    private static async Task<(uint, TtrpcStatus)> IdAndStatus(Served served)
    {
        (uint id, TtrpcStatus status, _) = await Wire.ReadStatusAsync(served.Raw);
        return (id, status);
    }
}
