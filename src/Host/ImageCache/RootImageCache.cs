using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;
using Pavise.Images;

namespace Pavise.Host.ImageCache;

/// <summary>
/// Root images built from root directories, kept by a fingerprint of their source. An accelerator only: what counts is the root hash,
/// and the guest checks it. Several processes may share a cache; one build of a source runs at a time.
/// </summary>
/// <param name="directory">Its folder.</param>
/// <param name="time">The clock, for the times of last use; null is the system's.</param>
public sealed class RootImageCache(string directory, TimeProvider? time = null)
{
    private const string BySource = "by-source";
    private const string Locks = "locks";
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    /// <summary>The cache's folder.</summary>
    public string Directory { get; } = directory;

    /// <summary>Returns the image of a root file system, built now or before.</summary>
    /// <exception cref="HostException">The source cannot be read, or the cache cannot be written.</exception>
    public async Task<CachedImage> GetAsync(RootSource root, CancellationToken cancellation)
    {
        try
        {
            using SourceView source = SourceView.Open(root);
            if (Find(source.Key) is { } known)
            {
                NoteUse(source.Key);
                return known;
            }

            Prepare();
            using SafeFileHandle held = await Task.Run(() => NativeFileLock.OpenAndTake(Path.Combine(Directory, Locks, source.Key)), cancellation);
            return Find(source.Key) ?? await BuildAsync(source, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ImageFormatException)
        {
            throw new HostException($"no root image could be made of {root.Description}: {e.Message}", e);
        }
    }

    /// <summary>What the cache holds, the least recently used first.</summary>
    public IReadOnlyList<CacheEntry> List()
    {
        if (!System.IO.Directory.Exists(Directory))
        {
            return [];
        }

        ILookup<string, FileInfo> references = References().ToLookup(r => Hash(r.FullName) ?? "");
        return [.. new DirectoryInfo(Directory).EnumerateFiles("*.img")
            .Select(i => (Image: i, Hash: Path.GetFileNameWithoutExtension(i.Name)))
            .Select(i => new CacheEntry(
                i.Hash,
                i.Image.Length,
                i.Image.LastWriteTimeUtc,
                references[i.Hash].Select(r => (DateTimeOffset)r.LastWriteTimeUtc).Append(i.Image.LastWriteTimeUtc).Max(),
                references[i.Hash].Count()))
            .OrderBy(e => e.Used)];
    }

    /// <summary>Removes images that were last used before a time, and what refers to them or was left half made. An image that a pVM has open stays usable for it.</summary>
    /// <param name="usedBefore">Images used since then stay.</param>
    /// <returns>What was removed.</returns>
    public IReadOnlyList<CacheEntry> Prune(DateTimeOffset usedBefore)
    {
        List<CacheEntry> removed = [.. List().Where(e => e.Used < usedBefore)];
        foreach (CacheEntry entry in removed)
        {
            File.Delete(ImagePath(entry.RootHashHex));
            File.Delete($"{ImagePath(entry.RootHashHex)}.verified");
        }

        foreach (FileInfo reference in References())
        {
            if (Find(reference.Name) is null)
            {
                reference.Delete();
                File.Delete(Path.Combine(Directory, Locks, reference.Name));
            }
        }

        foreach (FileInfo half in System.IO.Directory.Exists(Directory) ? new DirectoryInfo(Directory).EnumerateFiles("*.building") : [])
        {
            // A build that is under way holds its file young.
            if (half.LastWriteTimeUtc < usedBefore.UtcDateTime && half.LastWriteTimeUtc < Now.UtcDateTime - Abandoned)
            {
                half.Delete();
            }
        }

        return removed;
    }

    private DateTimeOffset Now => (time ?? TimeProvider.System).GetUtcNow();

    private IEnumerable<FileInfo> References()
    {
        DirectoryInfo sources = new(Path.Combine(Directory, BySource));
        return sources.Exists ? sources.EnumerateFiles() : [];
    }

    /// <summary>The file time of a reference says when it was last used. A cache that cannot be written still serves.</summary>
    private void NoteUse(string key)
    {
        try
        {
            File.SetLastWriteTimeUtc(Path.Combine(Directory, BySource, key), Now.UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static string? Hash(string reference)
    {
        string hash = File.ReadAllText(reference).Trim();
        return hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower) ? hash : null;
    }

    /// <summary>The image a key leads to; null when there is none that is whole. Its file time says when it was made.</summary>
    private CachedImage? Find(string key)
    {
        string reference = Path.Combine(Directory, BySource, key);
        if (!File.Exists(reference) || Hash(reference) is not { } hash)
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
