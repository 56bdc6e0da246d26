using Pavise.Boundary;

namespace Pavise.Guest.Transport;

/// <summary>Runs a handler per connection and keeps their number bounded: beyond it a connection is closed at once.</summary>
internal sealed class ConnectionGate(Func<Stream, CancellationToken, Task> handler)
{
    private int open;

    /// <summary>Never runs any of the handler in the calling thread, which has to accept the next connection.</summary>
    public void Take(Stream connection) => _ = Task.Run(() => RunAsync(connection));

    private async Task RunAsync(Stream connection)
    {
        try
        {
            if (Interlocked.Increment(ref open) <= BoundaryLimits.Connections)
            {
                await handler(connection, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException or ObjectDisposedException)
        {
            // The host broke its own connection; nobody else is concerned.
        }
        finally
        {
            Interlocked.Decrement(ref open);
            await connection.DisposeAsync();
        }
    }
}
