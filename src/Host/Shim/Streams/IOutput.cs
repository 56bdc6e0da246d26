namespace Pavise.Host.Shim.Streams;

/// <summary>Where a process's output goes on the host. Writing never fails: what nobody takes is lost, and the process goes on.</summary>
internal interface IOutput : IDisposable
{
    /// <summary>Writes all of it; waits while a reader is there and slow.</summary>
    Task WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>No more bytes will come: the reader sees the end once it has read what is there.</summary>
    void Complete();
}
