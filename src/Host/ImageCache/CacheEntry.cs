namespace Pavise.Host.ImageCache;

/// <summary>An image of the cache, for people.</summary>
/// <param name="RootHashHex">dm-verity root hash: what policies name.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Made">When it was built.</param>
/// <param name="Used">When it was last asked for.</param>
/// <param name="Sources">How many sources (folders, sets of layers) lead to it.</param>
public sealed record CacheEntry(string RootHashHex, long Bytes, DateTimeOffset Made, DateTimeOffset Used, int Sources);
