namespace Pavise.Host.Installation;

/// <summary>
/// The node's file system as the installer sees it: its own, or a folder where the node's root is mounted. A symbolic link on the node means
/// what it means there, never a file of the installer's container.
/// </summary>
internal sealed class HostRoot(string folder)
{
    // As many as Linux follows (path_resolution(7)).
    private const int Links = 40;

    /// <summary>The folder.</summary>
    public string Folder { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    /// <summary>Whether the node's root is this process's own.</summary>
    public bool IsOwn => Folder is "/" or "";

    /// <summary>Where an absolute path of the node is, with every link of the node resolved. What does not exist yet resolves to where it would be made.</summary>
    /// <exception cref="HostException">Too many links.</exception>
    public string Map(string path)
    {
        Stack<string> rest = new(Parts(path).Reverse());
        List<string> at = [];
        int links = 0;
        while (rest.TryPop(out string? part))
        {
            if (part == "..")
            {
                at.RemoveRange(Math.Max(0, at.Count - 1), Math.Min(1, at.Count));
                continue;
            }

            at.Add(part);
            if (new FileInfo(Real(at)).LinkTarget is not { } target)
            {
                continue;
            }

            if (++links > Links)
            {
                throw new HostException($"{path} on the node leads through more than {Links} symbolic links");
            }

            if (target.StartsWith('/'))
            {
                at.Clear();
            }
            else
            {
                at.RemoveAt(at.Count - 1);
            }

            foreach (string next in Parts(target).Reverse())
            {
                rest.Push(next);
            }
        }

        return Real(at);
    }

    private static IEnumerable<string> Parts(string path) => path.Split('/').Where(p => p is not ("" or "."));

    private string Real(List<string> parts) => (IsOwn ? "" : Folder) + "/" + string.Join('/', parts);
}
