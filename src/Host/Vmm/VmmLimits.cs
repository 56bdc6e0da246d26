namespace Pavise.Host.Vmm;

/// <summary>The maximum of what comes back from a VMM.</summary>
internal static class VmmLimits
{
    /// <summary>Bytes of one QMP line: the longest answer asked for (errors, events) stays below 4 KiB.</summary>
    public const int QmpLineBytes = 64 * 1024;

    /// <summary>Bytes of the VMM's own output that are kept: a guest must not fill the host's disk through warnings.</summary>
    public const int LogBytes = 256 * 1024;

    /// <summary>Bytes of its last output that are kept to explain its end.</summary>
    public const int TailBytes = 2048;

    /// <summary>How long QMP may take to answer; QEMU's main loop stops for no longer even while it maps memory.</summary>
    public static readonly TimeSpan QmpAnswer = TimeSpan.FromSeconds(20);
}
