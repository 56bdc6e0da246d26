using System.Formats.Tar;

namespace Pavise.Owner.Sessions;

/// <summary>
/// Unpacks an archive that came from an application: nothing leaves the destination, no link is followed, and links that would lead out of it are left out.
/// </summary>
/// <param name="destination">Where to: a folder to put it into, or the new name.</param>
/// <param name="notes">Says what was left out.</param>
internal sealed class SafeExtraction(string destination, TextWriter notes)
{
    private readonly string root = Path.GetFullPath(destination);
    private readonly bool into = Directory.Exists(destination);
    private readonly List<(string Path, string Target)> links = [];

    /// <summary>Unpacks all of it and returns the bytes of its files.</summary>
    /// <exception cref="OwnerException">The archive wants to write elsewhere.</exception>
    public ulong Run(Stream archive)
    {
        ulong bytes = 0;
        using TarReader tar = new(archive, leaveOpen: true);
        while (tar.GetNextEntry() is { } entry)
        {
            bytes += Extract(entry);
        }

        archive.CopyTo(Stream.Null);

        // Last, so that nothing is ever written through one.
        foreach ((string path, string target) in links)
        {
            File.Delete(path);
            File.CreateSymbolicLink(path, target);
        }

        return bytes;
    }

    private ulong Extract(TarEntry entry)
    {
        string[] names = [.. entry.Name.Split('/').Where(n => n is not ("" or "."))];
        if (names.Contains(".."))
        {
            throw new OwnerException($"the archive holds the path {entry.Name}, which leads out of its folder");
        }

        // The first name is that of what was asked for: it is the destination itself, unless that is a folder already.
        string path = Path.Join([root, .. into ? names : names.Skip(1)]);
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                Real(path);
                return 0;
            case TarEntryType.SymbolicLink:
                bool leaves = Path.IsPathRooted(entry.LinkName) || !Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, entry.LinkName)).StartsWith(root, StringComparison.Ordinal);
                if (leaves)
                {
                    notes.WriteLine($"note: left out the link {entry.Name}, which leads to {entry.LinkName}");
                }
                else
                {
                    Real(Path.GetDirectoryName(path)!);
                    links.Add((path, entry.LinkName));
                }

                return 0;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                Real(Path.GetDirectoryName(path)!);
                File.Delete(path);
                using (FileStream file = new(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = (entry.Mode & (UnixFileMode)0x1FF) | UnixFileMode.UserWrite | UnixFileMode.UserRead, BufferSize = 0 }))
                {
                    entry.DataStream?.CopyTo(file, 64 * 1024);
                    return (ulong)file.Length;
                }

            default:
                notes.WriteLine($"note: left out {entry.Name}, which is no file, folder or symbolic link");
                return 0;
        }
    }

    /// <summary>Makes a folder; below the destination no part of its path is a link.</summary>
    private void Real(string folder)
    {
        for (string? at = folder; at is not null && at.Length > root.Length; at = Path.GetDirectoryName(at))
        {
            if (new FileInfo(at).LinkTarget is not null)
            {
                throw new OwnerException($"{at} is a symbolic link: nothing is written through it");
            }
        }

        Directory.CreateDirectory(folder);
    }
}
