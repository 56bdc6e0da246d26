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
        CachedImage first = await cache.GetAsync(RootSource.FromDirectory(root), CancellationToken.None);
        DateTime made = File.GetLastWriteTimeUtc(first.Path);
        CachedImage second = await cache.GetAsync(RootSource.FromDirectory(root), CancellationToken.None);
        Assert.Equal(first.Path, second.Path);
        Assert.Equal(made, File.GetLastWriteTimeUtc(second.Path));
        await File.WriteAllTextAsync(Path.Combine(root, "a"), "two");
        Assert.NotEqual(first.Path, (await cache.GetAsync(RootSource.FromDirectory(root), CancellationToken.None)).Path);
    }

    [Fact]
    public async Task Many_who_want_a_new_source_at_once_wait_for_one_build()
    {
        string root = Path.Combine(_folder, "root");
        Directory.CreateDirectory(root);
        await File.WriteAllTextAsync(Path.Combine(root, "a"), new string('a', 1 << 20));
        RootImageCache cache = new(Path.Combine(_folder, "cache"));
        CachedImage[] images = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => cache.GetAsync(RootSource.FromDirectory(root), CancellationToken.None))));
        Assert.Single(images.Select(i => i.Path).Distinct());
    }

    [Fact]
    public async Task A_broken_image_is_built_again()
    {
        string root = Path.Combine(_folder, "root");
        Directory.CreateDirectory(root);
        await File.WriteAllTextAsync(Path.Combine(root, "a"), "one");
        RootImageCache cache = new(Path.Combine(_folder, "cache"));
        CachedImage first = await cache.GetAsync(RootSource.FromDirectory(root), CancellationToken.None);
        long length = new FileInfo(first.Path).Length;
        await File.WriteAllTextAsync(first.Path, "");
        Assert.Equal(length, new FileInfo((await cache.GetAsync(RootSource.FromDirectory(root), CancellationToken.None)).Path).Length);
    }

    [Fact]
    public async Task Pruning_leaves_nothing_behind()
    {
        string root = Path.Combine(_folder, "root");
        Directory.CreateDirectory(root);
        RootImageCache cache = new(Path.Combine(_folder, "cache"));
        CachedImage image = await cache.GetAsync(RootSource.FromDirectory(root), CancellationToken.None);
        Assert.Single(cache.Prune(DateTimeOffset.MaxValue));
        Assert.False(File.Exists(image.Path));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(cache.Directory, "by-source")));
    }

    [Fact]
    public async Task What_was_used_since_is_not_pruned_and_the_list_says_so()
    {
        string root = Path.Combine(_folder, "root"), other = Path.Combine(_folder, "other");
        Directory.CreateDirectory(root);
        Directory.CreateDirectory(other);
        await File.WriteAllTextAsync(Path.Combine(other, "a"), "a");
        StoppedClock clock = new(DateTimeOffset.UtcNow);
        RootImageCache cache = new(Path.Combine(_folder, "cache"), clock);
        CachedImage kept = await cache.GetAsync(RootSource.FromDirectory(root), CancellationToken.None);
        CachedImage stale = await cache.GetAsync(RootSource.FromDirectory(other), CancellationToken.None);
        clock.Now += TimeSpan.FromDays(2);
        await cache.GetAsync(RootSource.FromDirectory(root), CancellationToken.None);
        Assert.Equal([Convert.ToHexStringLower(stale.RootHash.Span), Convert.ToHexStringLower(kept.RootHash.Span)], cache.List().Select(e => e.RootHashHex));
        Assert.Equal([Convert.ToHexStringLower(stale.RootHash.Span)], cache.Prune(clock.Now - TimeSpan.FromDays(1)).Select(e => e.RootHashHex));
        Assert.True(File.Exists(kept.Path));
        Assert.False(File.Exists(stale.Path));
        Assert.Equal(1, Assert.Single(cache.List()).Sources);
    }

    [Fact]
    public async Task A_snapshots_layers_have_the_root_hash_of_the_same_files_in_one_folder()
    {
        string lower = Path.Combine(_folder, "1", "fs"), upper = Path.Combine(_folder, "2", "fs"), flat = Path.Combine(_folder, "flat");
        foreach ((string layer, string name) in new[] { (lower, "a"), (upper, "b"), (flat, "a"), (flat, "b") })
        {
            Directory.CreateDirectory(layer);
            await File.WriteAllTextAsync(Path.Combine(layer, name), name);
        }

        RootImageCache cache = new(Path.Combine(_folder, "cache"));
        CachedImage layered = await cache.GetAsync(RootSource.FromMounts([new SnapshotMount("overlay", "overlay", ["index=off", $"workdir={_folder}/w", $"upperdir={_folder}/u", $"lowerdir={upper}:{lower}"])]), CancellationToken.None);
        CachedImage whole = await cache.GetAsync(RootSource.FromMounts([new SnapshotMount("bind", flat, ["rw", "rbind"])]), CancellationToken.None);
        Assert.Equal(whole.RootHash.ToArray(), layered.RootHash.ToArray());
    }

    [Fact]
    public void Snapshots_without_layers_are_a_clear_error()
    {
        Assert.Contains("ext4 is not supported", Assert.Throws<HostException>(() => RootSource.FromMounts([new SnapshotMount("ext4", "/dev/x", [])])).Message, StringComparison.Ordinal);
        Assert.Contains("one mount", Assert.Throws<HostException>(() => RootSource.FromMounts([])).Message, StringComparison.Ordinal);
        Assert.Contains("unusual", Assert.Throws<HostException>(() => RootSource.FromMounts([new SnapshotMount("overlay", "", ["lowerdir=/a\\:b"])])).Message, StringComparison.Ordinal);
        Assert.Throws<HostException>(() => RootSource.FromMounts([new SnapshotMount("overlay", "", ["lowerdir=:"])]));
    }

    [Fact]
    public async Task A_layer_that_is_gone_is_named() =>
        Assert.Contains("/nowhere/1", (await Assert.ThrowsAsync<HostException>(() => new RootImageCache(_folder).GetAsync(RootSource.FromLayers(["/nowhere/1"]), CancellationToken.None))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_missing_root_is_a_clear_error() =>
        Assert.Contains("no such directory", (await Assert.ThrowsAsync<HostException>(() => new RootImageCache(_folder).GetAsync(RootSource.FromDirectory("/nowhere/root"), CancellationToken.None))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_layers_of_an_overlay_are_read_without_docker_s_own()
    {
        const string mounts = "30 1 0:27 / / rw - ext4 /dev/a rw\n41 30 0:50 / /d/overlay2/ID/merged rw,relatime - overlay overlay rw,lowerdir=ID-init/diff:A/diff:/abs/B,upperdir=ID/diff,workdir=ID/work\n";
        Assert.Equal(["/d/overlay2/A/diff", "/abs/B"], OverlayLayers.Of("/d/overlay2/ID/merged", mounts));
        Assert.Null(OverlayLayers.Of("/", mounts));
        Assert.Null(OverlayLayers.Of("/elsewhere", mounts));
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
