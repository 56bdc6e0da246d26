using Pavise.Boundary;

namespace Pavise.Host.Visor;

/// <summary>A sandbox, seen from the commands: found and driven through the sockets in its directory.</summary>
public sealed class Sandbox : ISandbox
{
    private Sandbox(string directory) => Directory = directory;

    /// <inheritdoc/>
    public string Directory { get; }

    /// <summary>Starts a visor and its pVM and returns when the guest has accepted the policy.</summary>
    /// <exception cref="HostException">The launch failed; the message says why, and nothing is left over but the log.</exception>
    public static Task<ISandbox> LaunchAsync(LaunchOptions options, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Returns the sandbox in a directory where one was launched. Does not connect: the calls do.</summary>
    /// <exception cref="HostException">There is no sandbox.</exception>
    public static ISandbox Open(string directory) => new Sandbox(directory);

    /// <inheritdoc/>
    public Task<uint> PlugImageAsync(string imagePath, CancellationToken cancellation) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<Stream> ConnectGuestAsync(uint port, CancellationToken cancellation) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<Stream> OpenStreamAsync(StreamHeader header, CancellationToken cancellation) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<SandboxStatus> StatusAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task StopAsync(TimeSpan grace, CancellationToken cancellation) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
