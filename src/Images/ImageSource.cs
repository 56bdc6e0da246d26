using Pavise.Images.Layers;
using Pavise.Images.Sources;

namespace Pavise.Images;

/// <summary>Where an image's files come from.</summary>
public abstract class ImageSource : IDisposable
{
    /// <summary>Reads the whole tree's metadata. Contents are opened later, while the image is written; the source must live until then.</summary>
    /// <exception cref="ImageFormatException">The source is malformed or beyond <see cref="ImageLimits"/>.</exception>
    public abstract ImageInode ReadTree(CancellationToken cancellation);

    /// <summary>How the image is run, or null for a folder, which does not say.</summary>
    /// <exception cref="ImageFormatException">The source is malformed.</exception>
    public virtual ImageConfiguration? ReadConfiguration() => null;

    /// <summary>An unpacked root folder.</summary>
    public static ImageSource FromDirectory(string path) => new DirectorySource(path);

    /// <summary>
    /// Opens whatever is at a path: an OCI layout folder, an OCI or docker archive (tar), or else an unpacked root folder.
    /// </summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="reference">Which image, where there are several; null for the only one.</param>
    /// <exception cref="ImageFormatException">There is nothing, or nothing of these forms.</exception>
    public static ImageSource Open(string path, string? reference = null)
    {
        if (File.Exists(path))
        {
            return new LayeredSource(new ArchiveBlobs(path), reference);
        }

        return !Directory.Exists(path) ? throw new ImageFormatException($"{path} does not exist")
            : File.Exists(Path.Combine(path, "oci-layout")) && File.Exists(Path.Combine(path, "index.json")) ? new LayeredSource(new FolderBlobs(path), reference)
            : FromDirectory(path);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the source holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
