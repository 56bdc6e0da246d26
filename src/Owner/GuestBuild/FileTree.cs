namespace Pavise.Owner.GuestBuild;

/// <summary>A folder that stands for the root of a file system: an unpacked package, a sysroot. Links in it lead nowhere else.</summary>
internal sealed class FileTree(string root, string origin)
{
    // As the kernel's own limit of 40, SYMLOOP_MAX.
    private const int MaxLinks = 40;

    internal string Root { get; } = Path.GetFullPath(root);

    /// <summary>What the folder holds, such as the package's name.</summary>
    internal string Origin { get; } = origin;

    /// <summary>The real place of a file, with all links followed inside this tree; null if there is no such regular file.</summary>
    internal string? Find(string path)
    {
        LinkedList<string> left = new(Parts(path));
        List<string> done = [];
        int links = 0;
        while (left.First is { } part)
        {
            left.RemoveFirst();
            if (part.Value == "..")
            {
                done.RemoveRange(Math.Max(0, done.Count - 1), Math.Min(1, done.Count));
                continue;
            }

            FileInfo at = new(Path.Combine([Root, .. done, part.Value]));
            if (at.LinkTarget is not { } target)
            {
                done.Add(part.Value);
                continue;
            }

            if (++links > MaxLinks)
            {
                return null;
            }

            if (target.StartsWith('/'))
            {
                done.Clear();
            }

            foreach (string piece in Parts(target).Reverse())
            {
                left.AddFirst(piece);
            }
        }

        string real = Path.Combine([Root, .. done]);
        return File.Exists(real) ? real : null;
    }

    private static IEnumerable<string> Parts(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".");
}
