using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;

namespace Pavise.Host.ImageCache;

/// <summary>
/// A root directory as the image is built from it. Of an overlay only the lower layers count: the upper one holds what the engine put in
/// (mount points, /etc/hosts), which is no part of the owner's image.
/// </summary>
internal sealed class SourceView : IDisposable
{
    private readonly SafeFileHandle? _mount;
    private readonly Func<string> _fingerprint;

    private SourceView(string path, Func<string> fingerprint, SafeFileHandle? mount)
    {
        Path = path;
        _fingerprint = fingerprint;
        _mount = mount;
        Key = fingerprint();
    }

    /// <summary>Name of this source in the cache: 64 hexadecimal digits.</summary>
    public string Key { get; }

    /// <summary>Where the files are, as long as this lives.</summary>
    public string Path { get; }

    public static SourceView Open(RootSource source)
    {
        if (source.Directory is not { } root)
        {
            return source.Layers.FirstOrDefault(l => !Directory.Exists(l)) is { } missing ? throw new DirectoryNotFoundException($"the layer {missing} does not exist") : OpenLayers(source.Layers);
        }

        if (!Directory.Exists(root))
        {
            throw new DirectoryNotFoundException("there is no such directory");
        }

        IReadOnlyList<string>? layers = OverlayLayers.Of(root, File.ReadAllText("/proc/self/mountinfo"));
        return layers is not null && layers.All(Directory.Exists) ? OpenLayers(layers) : new SourceView(root, () => TreeFingerprint.OfTree(root), null);
    }

    /// <summary>Whether the source still has the fingerprint it was opened with.</summary>
    public bool IsUnchanged() => _fingerprint() == Key;

    public void Dispose() => _mount?.Dispose();

    private static SourceView OpenLayers(IReadOnlyList<string> layers)
    {
        Func<string> fingerprint = () => TreeFingerprint.OfLayers(layers);
        if (layers.Count == 1)
        {
            return new SourceView(layers[0], fingerprint, null);
        }

        SafeFileHandle mount = MountLayers(layers);
        return new SourceView($"/proc/self/fd/{mount.DangerousGetHandle()}/.", fingerprint, mount);
    }

    /// <summary>A read-only overlay that only this descriptor holds: it is gone with it, even if this process is killed.</summary>
    private static SafeFileHandle MountLayers(IReadOnlyList<string> layers)
    {
        string target = Directory.CreateTempSubdirectory("pavise-layers-").FullName;
        try
        {
            NativeNamespaces.MountOverlay(target, $"lowerdir={string.Join(':', layers.Select(Escape))}");
            try
            {
                return NativeDescriptors.OpenDirectory(target);
            }
            finally
            {
                NativeNamespaces.DetachMount(target);
            }
        }
        finally
        {
            Directory.Delete(target);
        }
    }

    private static string Escape(string path) => path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);
}
