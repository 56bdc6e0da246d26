namespace Pavise.Images.Layers;

/// <summary>Named files of an image: of a layout folder, or inside an archive.</summary>
internal interface IBlobs : IDisposable
{
    /// <summary>Whether there is one of this name.</summary>
    bool Has(string name);

    /// <summary>Opens one, seekable; several may be open at once.</summary>
    /// <exception cref="ImageFormatException">There is none.</exception>
    Stream Open(string name);
}
