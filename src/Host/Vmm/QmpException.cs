namespace Pavise.Host.Vmm;

/// <summary>QEMU refused a command, or its control connection is gone.</summary>
internal sealed class QmpException(string message) : HostException(message);
