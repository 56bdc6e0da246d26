using Pavise.Boundary;

namespace Pavise.Host.Visor;

/// <summary>
/// A running sandbox (one pVM and its visor) as the runtime CLI and the shim see it. Found by its directory: <c>guest-PORT.sock</c> files
/// lead to the guest's ports, <c>visor.sock</c> to the visor itself.
/// </summary>
public interface ISandbox : IAsyncDisposable
{
    /// <summary>The sandbox directory.</summary>
    string Directory { get; }

    /// <summary>Plugs a root image (built by Pavise.Images) and returns its slot.</summary>
    Task<uint> PlugImageAsync(string imagePath, CancellationToken cancellation);

    /// <summary>Plugs the image of an encrypted volume and returns its slot; makes or enlarges its file.</summary>
    /// <param name="source">The folder that holds it, or a block device that is it.</param>
    /// <param name="volume">Name of the policy's volume.</param>
    /// <param name="bytes">Size of the image.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    Task<uint> PlugVolumeAsync(string source, string volume, ulong bytes, CancellationToken cancellation);

    /// <summary>Names the folder of this host that a shared volume of the policy is: its files are served to the guest.</summary>
    Task ShareFolderAsync(string volume, string path, CancellationToken cancellation);

    /// <summary>Connects to a guest port.</summary>
    Task<Stream> ConnectGuestAsync(uint port, CancellationToken cancellation);

    /// <summary>Opens one standard stream of a process: connects, sends the header, reads the guest's answer.</summary>
    Task<Stream> OpenStreamAsync(StreamHeader header, CancellationToken cancellation);

    /// <summary>
    /// Returns when the process has ended, or its pVM. As long as this waits the caller stands for the process: when the caller is killed, the visor
    /// kills the process.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="execId">The exec; empty for the first process.</param>
    /// <param name="alone">Whether the pVM has no other container: it is then stopped where the policy does not let the host kill.</param>
    /// <param name="cancellation">Ends the wait, and with it the process.</param>
    Task GuardAsync(string containerId, string execId, bool alone, CancellationToken cancellation);

    /// <summary>What the visor knows of the pVM.</summary>
    Task<SandboxStatus> StatusAsync(CancellationToken cancellation);

    /// <summary>Ends the pVM, orderly if it answers within the grace time, and the visor; removes the sandbox directory. After a pVM ended by itself its logs stay until this is called.</summary>
    Task StopAsync(TimeSpan grace, CancellationToken cancellation);
}

/// <summary>State of a sandbox.</summary>
/// <param name="Machine">tcg, kvm, snp, tdx or process.</param>
/// <param name="Shielded">False in unshielded mode.</param>
/// <param name="VisorPid">The visor's pid.</param>
/// <param name="VmmPid">QEMU's pid, or the guest's on the process machine.</param>
/// <param name="Alive">Whether the pVM runs.</param>
/// <param name="Failure">Why it ended, when it did not end orderly.</param>
public sealed record SandboxStatus(string Machine, bool Shielded, int VisorPid, int VmmPid, bool Alive, string? Failure);
