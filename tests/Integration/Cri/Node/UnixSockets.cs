namespace Pavise.Cri.Node;

/// <summary>Unix sockets by path (proc(5): net/unix, whose seventh field is the inode and eighth the path).</summary>
internal static class UnixSockets
{
    private const int InodeField = 6, PathField = 7;

    /// <summary>Paths at which these processes listen or were bound.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<int> processes)
    {
        HashSet<string> inodes = [.. processes.SelectMany(Inodes)];
        return [.. File.ReadLines("/proc/net/unix").Skip(1)
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f.Length > PathField && f[PathField].StartsWith('/') && inodes.Contains(f[InodeField]))
            .Select(f => f[PathField]).Distinct()];
    }

    private static IEnumerable<string> Inodes(int process)
    {
        try
        {
            return [.. Directory.GetFiles($"/proc/{process}/fd").Select(f => new FileInfo(f).LinkTarget).OfType<string>()
                .Where(t => t.StartsWith("socket:[", StringComparison.Ordinal)).Select(t => t["socket:[".Length..^1])];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
