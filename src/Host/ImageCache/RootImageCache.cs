namespace Pavise.Host.ImageCache;

/// <summary>
/// Root images built from root directories, kept by a fingerprint of their source. An accelerator only: what counts is the root hash,
/// and the guest checks it.
/// </summary>
public sealed class RootImageCache(string directory)
{
    /// <summary>The cache's folder.</summary>
    public string Directory { get; } = directory;

    /// <summary>Returns the image of a root directory, built now or before.</summary>
    public Task<CachedImage> GetAsync(string rootDirectory, CancellationToken cancellation) => throw new NotImplementedException();
}
