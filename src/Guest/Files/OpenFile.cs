namespace Pavise.Guest.Files;

/// <summary>An open file or folder of a volume.</summary>
/// <param name="node">Which.</param>
internal sealed class OpenFile(FileNode node)
{
    public FileNode Node { get; } = node;

    /// <summary>Of a folder: entries that came and were not given to the kernel yet.</summary>
    public byte[] Entries { get; set; } = [];

    /// <summary>Where in <see cref="Entries"/> the next one is.</summary>
    public int EntriesAt { get; set; }

    /// <summary>The position at which the kernel has to go on for <see cref="Entries"/> to fit.</summary>
    public ulong Position { get; set; }
}
