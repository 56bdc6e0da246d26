using System.Text;
using Pavise.Images.Tar;

namespace Pavise.Images.Layers;

/// <summary>Files inside a tar archive, read where they lie.</summary>
internal sealed class ArchiveBlobs : IBlobs
{
    private readonly string path;
    private readonly Dictionary<string, TarEntry> entries = [];

    public ArchiveBlobs(string path)
    {
        this.path = path;
        using FileStream stream = File.OpenRead(path);
        TarReader reader = new(stream);
        while (reader.Next() is { } entry)
        {
            if (entries.Count >= ImageLimits.Inodes)
            {
                throw new ImageFormatException($"{path}: more than {ImageLimits.Inodes} files");
            }

            // Docker's archives may name a layer twice by links.
            string name = Encoding.UTF8.GetString(entry.Name).TrimStart('.', '/');
            if (entry.Type == '0')
            {
                entries[name] = entry;
            }
            else if (entry.Type is '1' or '2' && Linked(name, entry) is { } target)
            {
                entries[name] = target;
            }
        }
    }

    public bool Has(string name) => entries.ContainsKey(name);

    public Stream Open(string name) => entries.TryGetValue(name, out TarEntry? entry)
        ? new ArchiveWindow(File.OpenRead(path), entry.DataOffset, (long)entry.Size)
        : throw new ImageFormatException($"{path} has no file {name}");

    public void Dispose()
    {
    }

    private TarEntry? Linked(string name, TarEntry link)
    {
        string target = Encoding.UTF8.GetString(link.Target);
        string folder = link.Type == '2' ? Path.GetDirectoryName(name) ?? "" : "";
        string full = Path.GetFullPath(Path.Combine("/", folder, target)).TrimStart('/');
        return entries.GetValueOrDefault(full);
    }
}
