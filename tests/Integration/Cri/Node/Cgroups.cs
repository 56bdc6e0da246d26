namespace Pavise.Cri.Node;

/// <summary>Control groups by path, in whatever hierarchies the machine has: one unified, several of version 1, or both.</summary>
public static class Cgroups
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>Every folder of this path in some hierarchy.</summary>
    public static IReadOnlyList<string> Folders(string path) =>
        [.. new[] { Root }.Concat(Directory.GetDirectories(Root)).Select(h => h + path).Where(Directory.Exists)];

    /// <summary>How many groups there are at and below the path, over all hierarchies.</summary>
    public static int Count(string path) => Folders(path).Sum(f => 1 + Directory.GetDirectories(f, "*", SearchOption.AllDirectories).Length);

    /// <summary>Removes empty groups from the leaves up.</summary>
    /// <exception cref="IOException">A group still has processes.</exception>
    public static void Remove(string path)
    {
        foreach (string folder in Folders(path))
        {
            foreach (string below in Directory.GetDirectories(folder, "*", SearchOption.AllDirectories).OrderByDescending(d => d.Length).Append(folder))
            {
                // The files of a group are the kernel's; removing the folder is all there is to do.
                Directory.Delete(below);
            }
        }
    }
}
