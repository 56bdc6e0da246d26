using Pavise.Host.ImageCache;

namespace Pavise.Host.Tests.ImageCache;

public sealed class ImageCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pavise-cache-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_source_is_built_once_and_again_when_it_changed()
    {
        string root = Path.Combine(_folder, "root");
        Directory.CreateDirectory(root);
        await File.WriteAllTextAsync(Path.Combine(root, "a"), "one");
        RootImageCache cache = new(Path.Combine(_folder, "cache"));
        CachedImage first = await cache.GetAsync(root, CancellationToken.None);
        DateTime made = File.GetLastWriteTimeUtc(first.Path);
        CachedImage second = await cache.GetAsync(root, CancellationToken.None);
        Assert.Equal(first.Path, second.Path);
        Assert.Equal(made, File.GetLastWriteTimeUtc(second.Path));
        await File.WriteAllTextAsync(Path.Combine(root, "a"), "two");
        Assert.NotEqual(first.Path, (await cache.GetAsync(root, CancellationToken.None)).Path);
    }

    [Fact]
    public async Task A_broken_image_is_built_again()
    {
        string root = Path.Combine(_folder, "root");
        Directory.CreateDirectory(root);
        await File.WriteAllTextAsync(Path.Combine(root, "a"), "one");
        RootImageCache cache = new(Path.Combine(_folder, "cache"));
        CachedImage first = await cache.GetAsync(root, CancellationToken.None);
        long length = new FileInfo(first.Path).Length;
        await File.WriteAllTextAsync(first.Path, "");
        Assert.Equal(length, new FileInfo((await cache.GetAsync(root, CancellationToken.None)).Path).Length);
    }

    [Fact]
    public async Task Pruning_leaves_nothing_behind()
    {
        string root = Path.Combine(_folder, "root");
        Directory.CreateDirectory(root);
        RootImageCache cache = new(Path.Combine(_folder, "cache"));
        CachedImage image = await cache.GetAsync(root, CancellationToken.None);
        Assert.True(cache.Prune(DateTimeOffset.MaxValue) > 0);
        Assert.False(File.Exists(image.Path));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(cache.Directory, "by-source")));
    }

    [Fact]
    public async Task A_missing_root_is_a_clear_error() =>
        Assert.Contains("no such directory", (await Assert.ThrowsAsync<HostException>(() => new RootImageCache(_folder).GetAsync("/nowhere/root", CancellationToken.None))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_layers_of_an_overlay_are_read_without_docker_s_own()
    {
        const string mounts = "30 1 0:27 / / rw - ext4 /dev/a rw\n41 30 0:50 / /d/overlay2/ID/merged rw,relatime - overlay overlay rw,lowerdir=ID-init/diff:A/diff:/abs/B,upperdir=ID/diff,workdir=ID/work\n";
        Assert.Equal(["/d/overlay2/A/diff", "/abs/B"], OverlayLayers.Of("/d/overlay2/ID/merged", mounts));
        Assert.Null(OverlayLayers.Of("/", mounts));
        Assert.Null(OverlayLayers.Of("/elsewhere", mounts));
    }
}
