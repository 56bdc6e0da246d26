namespace Pavise.Host.Configuration;

/// <summary>The <c>[qemu]</c> table.</summary>
public sealed record QemuConfiguration
{
    /// <summary>The program.</summary>
    public string Path { get; init; } = "/usr/bin/qemu-system-x86_64";

    /// <summary>The user it runs as; <c>nobody</c> where that user does not exist.</summary>
    public string User { get; init; } = "pavise-vmm";

    /// <summary>Memory of a pVM whose policy says nothing of it, in MiB, from 128 to 1,048,576.</summary>
    public int MemoryMib { get; init; } = 512;

    /// <summary>Virtual processors of such a pVM, from 1 to 255.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>OVMF firmware file, which SNP and TDX need.</summary>
    public string Firmware { get; init; } = "";

    /// <summary>
    /// File that gets the guest kernel's console; empty for none. For development: it changes the command line and so what is measured,
    /// and production guest images refuse to start with it.
    /// </summary>
    public string DebugConsole { get; init; } = "";

    /// <summary>File that gets every packet of the vsock device, which is all that the visor sees of the guest; empty for none. For development: production guest images refuse to start with it.</summary>
    public string VsockRecord { get; init; } = "";
}
