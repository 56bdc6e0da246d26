using System.Text;

namespace Pavise.Owner.GuestBuild.Archive;

/// <summary>
/// Writes an archive whose bytes depend on paths, modes and contents only: entries in ordinal order of their paths, inode numbers counted
/// from 1, times zero, owner root.
/// </summary>
internal static class CpioWriter
{
    /// <exception cref="ArgumentException">A path is empty, absolute, not normal, or there twice; or its folder is missing.</exception>
    internal static void Write(Stream output, IEnumerable<CpioEntry> entries)
    {
        CpioEntry[] sorted = [.. entries.OrderBy(e => e.Path, StringComparer.Ordinal)];
        Check(sorted);
        int inode = 0;
        foreach (CpioEntry entry in sorted)
        {
            WriteEntry(output, ++inode, entry.Mode, entry.IsFolder ? 2 : 1, entry.Path, entry.Content.Span);
        }

        WriteEntry(output, 0, 0, 1, CpioFormat.Trailer, default);
    }

    private static void Check(CpioEntry[] sorted)
    {
        HashSet<string> folders = [""];
        string? last = null;
        foreach (CpioEntry entry in sorted)
        {
            string path = entry.Path;
            if (path.Length == 0 || path == CpioFormat.Trailer || path.Contains('\0') || path.Split('/').Any(p => p is "" or "." or ".."))
            {
                throw new ArgumentException($"`{path}` is no path for an archive");
            }

            if (path == last)
            {
                throw new ArgumentException($"`{path}` is there twice");
            }

            int slash = path.LastIndexOf('/');
            if (!folders.Contains(slash < 0 ? "" : path[..slash]))
            {
                throw new ArgumentException($"the folder of `{path}` is missing");
            }

            if (entry.IsFolder)
            {
                folders.Add(path);
            }

            last = path;
        }
    }

    private static void WriteEntry(Stream output, int inode, int mode, int links, string path, ReadOnlySpan<byte> content)
    {
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        if (name.Length > CpioFormat.MaxNameBytes)
        {
            throw new ArgumentException($"`{path}` is too long for an archive");
        }

        StringBuilder header = new(CpioFormat.Magic, CpioFormat.HeaderBytes);
        Span<long> fields = stackalloc long[CpioFormat.Fields];
        fields.Clear();
        fields[CpioFormat.Inode] = inode;
        fields[CpioFormat.Mode] = mode;
        fields[CpioFormat.Links] = links;
        fields[CpioFormat.Size] = content.Length;
        fields[CpioFormat.NameSize] = name.Length;
        foreach (long field in fields)
        {
            header.Append(field.ToString("X8"));
        }

        output.Write(Encoding.ASCII.GetBytes(header.ToString()));
        output.Write(name);
        Pad(output, CpioFormat.HeaderBytes + name.Length);
        output.Write(content);
        Pad(output, content.Length);
    }

    private static void Pad(Stream output, long written)
    {
        Span<byte> zeros = stackalloc byte[CpioFormat.Alignment];
        zeros.Clear();
        output.Write(zeros[..(int)(CpioFormat.Aligned(written) - written)]);
    }
}
