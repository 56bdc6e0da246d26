using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Vmm;

/// <summary>A started pVM, on whatever machine.</summary>
internal interface IPvm : IAsyncDisposable
{
    /// <summary>Pid of QEMU, or of the guest on the process machine.</summary>
    int Pid { get; }

    /// <summary>Completes when the pVM has ended, with how that looked from outside.</summary>
    Task<string> Ended { get; }

    /// <summary>Connects to a guest port; fails at once when nothing listens there yet.</summary>
    Task<Stream> ConnectAsync(uint port, CancellationToken cancellation);

    /// <summary>Makes a root image visible to the guest in a slot.</summary>
    Task PlugAsync(uint slot, string path, CancellationToken cancellation);

    /// <summary>Makes an encrypted volume's image, open for reading and writing, visible to the guest in a slot.</summary>
    Task PlugVolumeAsync(uint slot, SafeFileHandle image, CancellationToken cancellation);

    /// <summary>Where the guest's bounce pool lies (guest physical address, bytes): from here on devices of ours touch nothing else.</summary>
    /// <exception cref="HostException">The range is none, or the guest shared something else before.</exception>
    void Confine(ulong start, ulong length);

    /// <summary>Ends the pVM without asking it.</summary>
    void Kill();
}
