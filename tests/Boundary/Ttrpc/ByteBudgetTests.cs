using CsCheck;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Tests.Support;
using Pavise.Boundary.Ttrpc;
using Google.Protobuf;

namespace Pavise.Boundary.Tests.Ttrpc;

public sealed class ByteBudgetTests
{
    private static readonly byte[] Message = new BindRequest { ApiVersion = 7 }.ToByteArray();

    [Fact]
    public async Task Who_comes_first_is_served_first_and_all_bytes_come_back()
    {
        ByteBudget budget = new(10);
        await budget.TakeAsync(8, default);
        Task large = budget.TakeAsync(5, default).AsTask(), small = budget.TakeAsync(1, default).AsTask();
        Assert.False(large.IsCompleted || small.IsCompleted);
        budget.Return(8);
        await Task.WhenAll(large, small);
        budget.Return(6);
        await budget.TakeAsync(10, default);
    }

    [Fact]
    public async Task Who_gives_up_waiting_holds_up_nobody()
    {
        ByteBudget budget = new(10);
        await budget.TakeAsync(10, default);
        using CancellationTokenSource gone = new();
        Task first = budget.TakeAsync(10, gone.Token).AsTask();
        budget.Return(4);
        Task second = budget.TakeAsync(4, default).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await second;
        budget.Return(10);
        await budget.TakeAsync(10, default);
    }

    [Fact]
    public Task Any_order_of_taking_giving_back_and_giving_up_ends_with_everything_there() =>
        Gen.Select(Gen.Int[1, 100], Gen.Bool).Array[1, 40].SampleAsync(async takers =>
        {
            ByteBudget budget = new(100);
            await Task.WhenAll(takers.Select(t => Task.Run(async () =>
            {
                using CancellationTokenSource stop = new();
                try
                {
                    ValueTask taking = budget.TakeAsync(t.Item1, stop.Token);
                    if (t.Item2)
                    {
                        await stop.CancelAsync();
                    }

                    await taking;
                    await Task.Yield();
                    budget.Return(t.Item1);
                }
                catch (OperationCanceledException)
                {
                }
            })));
            await budget.TakeAsync(100, default);
        }, iter: 300);

    [Fact]
    public async Task Half_sent_requests_of_many_connections_take_no_more_than_the_servers_bytes_and_small_ones_go_on()
    {
        TtrpcServer server = new();
        server.Add(Served.Service, "Echo", (bytes, _) => Task.FromResult<IMessage>(BindRequest.Parser.ParseFrom(bytes.Span)));
        int fits = BoundaryLimits.ServerBytes / BoundaryLimits.TtrpcMessageBytes;
        byte[] half = Wire.Frame(1, 1, 0, new byte[BoundaryLimits.TtrpcMessageBytes])[..64];
        List<Served> stuck = [];
        for (int i = 0; i < fits; i++)
        {
            stuck.Add(await Served.StartAsync(server));
            await stuck[^1].Raw.WriteAsync(half);
        }

        while (server.Budget.Free > 0)
        {
            await Task.Yield();
        }

        await using (Served other = await Served.StartAsync(server))
        {
            await other.Raw.WriteAsync(Wire.Request(1, Served.Service, "Echo", Message));
            Assert.Equal(TtrpcStatus.Ok, (await Wire.ReadStatusAsync(other.Raw)).Status);
            await other.Raw.WriteAsync(half);
        }

        Assert.Equal(0, server.Budget.Free);
        foreach (Served one in stuck)
        {
            await one.DisposeAsync();
        }

        Assert.Equal(BoundaryLimits.ServerBytes, server.Budget.Free);
    }
}
