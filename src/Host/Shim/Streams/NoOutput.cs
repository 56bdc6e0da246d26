namespace Pavise.Host.Shim.Streams;

/// <summary>Output that nobody wants.</summary>
internal sealed class NoOutput : IOutput
{
    public Task WriteAsync(ReadOnlyMemory<byte> bytes) => Task.CompletedTask;

    public void Complete()
    {
    }

    public void Dispose()
    {
    }
}
