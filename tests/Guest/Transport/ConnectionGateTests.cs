using Pavise.Boundary;
using Pavise.Guest.Transport;

namespace Pavise.Guest.Tests.Transport;

public sealed class ConnectionGateTests
{
    [Fact]
    public async Task A_connection_beyond_the_limit_is_closed_and_its_handler_never_runs()
    {
        TaskCompletionSource end = new();
        SemaphoreSlim entered = new(0);
        int served = 0;
        ConnectionGate gate = new(async (_, _) =>
        {
            Interlocked.Increment(ref served);
            entered.Release();
            await end.Task;
        });
        for (int i = 0; i < BoundaryLimits.Connections; i++)
        {
            gate.Take(new Closing());
            await entered.WaitAsync();
        }

        Closing surplus = new();
        gate.Take(surplus);
        await surplus.Closed;
        Assert.Equal(BoundaryLimits.Connections, served);
        end.SetResult();
    }

    [Fact]
    public async Task A_connection_is_closed_and_its_place_freed_whatever_its_handler_does()
    {
        ConnectionGate gate = new((_, _) => throw new IOException("broken"));
        for (int i = 0; i < BoundaryLimits.Connections + 1; i++)
        {
            Closing connection = new();
            gate.Take(connection);
            await connection.Closed;
        }
    }

    private sealed class Closing : MemoryStream
    {
        private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Closed => closed.Task;

        protected override void Dispose(bool disposing)
        {
            closed.TrySetResult();
            base.Dispose(disposing);
        }
    }
}
