using Pavise.Images.Sources;

namespace Pavise.Images;

/// <summary>Where an image's files come from.</summary>
public abstract class ImageSource : IDisposable
{
    /// <summary>Reads the whole tree's metadata. Contents are opened later, while the image is written; the source must live until then.</summary>
    /// <exception cref="ImageFormatException">The source is malformed or beyond <see cref="ImageLimits"/>.</exception>
    public abstract ImageInode ReadTree(CancellationToken cancellation);

    /// <summary>An unpacked root folder.</summary>
    public static ImageSource FromDirectory(string path) => new DirectorySource(path);

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
