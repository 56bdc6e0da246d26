using System.Runtime.InteropServices;

namespace Pavise.Host.Vsock.Virtio;

/// <summary>struct virtq_desc (virtio 1.2, section 2.7.5), little-endian as the machine.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Descriptor
{
    public readonly ulong Address;
    public readonly uint Length;
    public readonly ushort Flags;
    public readonly ushort Next;

    public bool HasNext => (Flags & 1) != 0;

    /// <summary>The device writes it.</summary>
    public bool IsWritable => (Flags & 2) != 0;

    /// <summary>Never negotiated.</summary>
    public bool IsIndirect => (Flags & 4) != 0;
}
