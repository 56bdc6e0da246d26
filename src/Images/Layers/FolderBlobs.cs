namespace Pavise.Images.Layers;

/// <summary>Files of a layout folder. Names come from the image itself and must stay inside.</summary>
internal sealed class FolderBlobs(string folder) : IBlobs
{
    public bool Has(string name) => IsInside(name) && File.Exists(Path.Combine(folder, name));

    public Stream Open(string name) => Has(name) ? File.OpenRead(Path.Combine(folder, name)) : throw new ImageFormatException($"{folder} has no file {name}");

    public void Dispose()
    {
    }

    private static bool IsInside(string name) => !Path.IsPathRooted(name) && !name.Split('/').Contains("..");
}
