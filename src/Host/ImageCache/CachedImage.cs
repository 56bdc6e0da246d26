namespace Pavise.Host.ImageCache;

/// <summary>A root image in the cache.</summary>
/// <param name="Path">The file: data blocks, verity superblock, hash tree.</param>
/// <param name="RootHash">32 bytes.</param>
/// <param name="DataBlocks">4096-byte blocks before the verity superblock.</param>
public sealed record CachedImage(string Path, ReadOnlyMemory<byte> RootHash, ulong DataBlocks);
