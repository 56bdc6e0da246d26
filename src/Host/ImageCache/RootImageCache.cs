using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;
using Pavise.Images;

namespace Pavise.Host.ImageCache;

/// <summary>
/// Root images built from root directories, kept by a fingerprint of their source. An accelerator only: what counts is the root hash,
/// and the guest checks it. Several processes may share a cache; one build of a source runs at a time.
/// </summary>
public sealed class RootImageCache(string directory)
{
    private const string BySource = "by-source";
    private const string Locks = "locks";

    /// <summary>The cache's folder.</summary>
    public string Directory { get; } = directory;

    /// <summary>Returns the image of a root directory, built now or before.</summary>
    /// <exception cref="HostException">The directory cannot be read, or the cache cannot be written.</exception>
    public async Task<CachedImage> GetAsync(string rootDirectory, CancellationToken cancellation)
    {
        try
        {
            using SourceView source = SourceView.Open(rootDirectory);
            if (Find(source.Key) is { } known)
            {
                return known;
            }

            Prepare();
            using SafeFileHandle key = File.OpenHandle(Path.Combine(Directory, Locks, source.Key), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            await Task.Run(() => NativeFileLock.Take(key), cancellation);
            return Find(source.Key) ?? await BuildAsync(source, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ImageFormatException)
        {
            throw new HostException($"no root image could be made of {rootDirectory}: {e.Message}", e);
        }
    }

    /// <summary>Removes images made before a time, and what refers to them; returns the bytes that became free.</summary>
    /// <param name="madeBefore">Images made before this are removed. An image that a pVM has open stays usable for it.</param>
    public long Prune(DateTimeOffset madeBefore)
    {
        long freed = 0;
        if (!System.IO.Directory.Exists(Directory))
        {
            return freed;
        }

        foreach (FileInfo image in new DirectoryInfo(Directory).EnumerateFiles("*.img").Where(i => i.LastWriteTimeUtc < madeBefore.UtcDateTime))
        {
            freed += image.Length;
            image.Delete();
        }

        string sources = Path.Combine(Directory, BySource);
        foreach (string source in System.IO.Directory.Exists(sources) ? System.IO.Directory.EnumerateFiles(sources) : [])
        {
            if (Find(Path.GetFileName(source)) is null)
            {
                File.Delete(source);
            }
        }

        return freed;
    }

    /// <summary>The image a key leads to; null when there is none that is whole. Its file time says when it was made.</summary>
    private CachedImage? Find(string key)
    {
        string reference = Path.Combine(Directory, BySource, key);
        if (!File.Exists(reference))
        {
            return null;
        }

        string hash = File.ReadAllText(reference).Trim();
        if (hash.Length != 64 || !hash.All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        string image = ImagePath(hash);
        try
        {
            RootImageInfo info = RootImageInfo.Read(image);
            return info.RootHashHex == hash ? new CachedImage(image, Convert.FromHexString(hash), info.DataBlocks) : null;
        }
        catch (Exception e) when (e is IOException or ImageFormatException)
        {
            return null;
        }
    }

    private async Task<CachedImage> BuildAsync(SourceView source, CancellationToken cancellation)
    {
        string building = Path.Combine(Directory, $"{source.Key}.building");
        RootImageInfo info;
        using (ImageSource files = ImageSource.FromDirectory(source.Path))
        {
            info = await RootImageBuilder.BuildAsync(files, building, cancellation);
        }

        string image = ImagePath(info.RootHashHex);
        File.Move(building, image, overwrite: true);
        // A source that was changed while it was read has another key now, and must not be found under the old one.
        if (source.IsUnchanged())
        {
            string reference = Path.Combine(Directory, BySource, source.Key);
            await File.WriteAllTextAsync($"{reference}.new", info.RootHashHex, cancellation);
            File.Move($"{reference}.new", reference, overwrite: true);
        }

        return new CachedImage(image, Convert.FromHexString(info.RootHashHex), info.DataBlocks);
    }

    private string ImagePath(string hash) => Path.Combine(Directory, $"{hash}.img");

    private void Prepare()
    {
        // Root images are the application: for nobody else on the node.
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        System.IO.Directory.CreateDirectory(Directory, mode);
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, BySource), mode);
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, Locks), mode);
    }
}
