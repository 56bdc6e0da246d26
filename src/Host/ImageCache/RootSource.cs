namespace Pavise.Host.ImageCache;

/// <summary>What a root image is built from: a folder as it is, or the layers of an image as a snapshotter unpacked them.</summary>
public sealed class RootSource
{
    private RootSource(string description, string? directory, IReadOnlyList<string> layers)
    {
        Description = description;
        Directory = directory;
        Layers = layers;
    }

    /// <summary>For messages.</summary>
    public string Description { get; }

    /// <summary>The folder, which may be the mount point of an overlay; null where <see cref="Layers"/> are given.</summary>
    internal string? Directory { get; }

    /// <summary>Layer folders, topmost first.</summary>
    internal IReadOnlyList<string> Layers { get; }

    /// <summary>A folder. Of an overlay's mount point only the lower layers count.</summary>
    public static RootSource FromDirectory(string directory) => new(directory, Path.GetFullPath(directory), []);

    /// <summary>Layers that nobody changes any more, topmost first.</summary>
    public static RootSource FromLayers(IReadOnlyList<string> layers) => layers.Count > 0
        ? new(string.Join(':', layers), null, [.. layers.Select(Path.GetFullPath)])
        : throw new HostException("an image has at least one layer");

    /// <summary>
    /// The mounts that an engine would make to have the container's root folder (containerd's snapshotters). Nothing is mounted: an overlay's lower
    /// layers are the image, its upper one belongs to no pVM.
    /// </summary>
    /// <exception cref="HostException">They are of a kind that has no layers, or none is given.</exception>
    public static RootSource FromMounts(IReadOnlyList<SnapshotMount> mounts)
    {
        if (mounts is not [var mount])
        {
            throw new HostException($"a root file system is one mount, {mounts.Count} were given: use a snapshotter such as overlayfs or native");
        }

        if (mount.Option("lowerdir") is { } lower)
        {
            // The kernel's option has escapes for ':' and ','; snapshotters name their folders without such characters.
            return lower.Contains('\\') ? throw new HostException($"the lower layers have unusual names: {lower}") : FromLayers(lower.Split(':', StringSplitOptions.RemoveEmptyEntries));
        }

        return mount.IsBind ? mount.IsReadOnly ? FromLayers([mount.Source]) : FromDirectory(mount.Source)
            : throw new HostException($"a root file system of type {mount.Type} is not supported: use a snapshotter such as overlayfs or native");
    }
}

/// <summary>One mount of a snapshot, as containerd describes it (containerd.types.Mount).</summary>
/// <param name="Type">overlay, bind, …</param>
/// <param name="Source">Folder of a bind mount.</param>
/// <param name="Options">Options, <c>name</c> or <c>name=value</c>.</param>
public sealed record SnapshotMount(string Type, string Source, IReadOnlyList<string> Options)
{
    /// <summary>Whether it is a bind mount.</summary>
    public bool IsBind => Type == "bind" || Options.Contains("bind") || Options.Contains("rbind");

    /// <summary>Whether it is read-only: then its source is a finished layer.</summary>
    public bool IsReadOnly => Options.Contains("ro");

    /// <summary>The value of an option, or null.</summary>
    public string? Option(string name) => Options.LastOrDefault(o => o.StartsWith(name + '=', StringComparison.Ordinal))?[(name.Length + 1)..];
}
