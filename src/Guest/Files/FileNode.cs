using Pavise.Boundary.HostCalls.Files;

namespace Pavise.Guest.Files;

/// <summary>A file that the guest's kernel knows, under a number of the guest's.</summary>
/// <param name="number">The number; never used again.</param>
/// <param name="facts">What it was when it was first seen; checked.</param>
internal sealed class FileNode(ulong number, in FileFacts facts)
{
    public ulong Number { get; } = number;

    public ulong Device { get; } = facts.Device;

    public ulong Inode { get; } = facts.Inode;

    public uint Type { get; } = facts.Type;

    /// <summary>How often the kernel was told of it less how often it forgot.</summary>
    public ulong Lookups { get; set; }

    /// <summary>Open handles. While there are some, the kernel's size and times of a regular file are the true ones.</summary>
    public int Opens { get; set; }

    /// <summary>Whether something was written since <see cref="Seen"/>.</summary>
    public bool IsWritten { get; set; }

    /// <summary>Size and time of change when last nothing was open.</summary>
    public (ulong Size, FileTime Modified) Seen { get; set; } = (facts.Size, facts.Modified);
}
