namespace Pavise.Host.ImageCache;

/// <summary>Reads the lower layers of an overlay from /proc/self/mountinfo (proc(5)).</summary>
internal static class OverlayLayers
{
    // docker's own layer between image and container: mount points and resolver files, no part of the image.
    private const string DockerInit = "-init/diff";

    /// <summary>
    /// The lower directories, topmost first; null when the path is no overlay's mount point or its options name paths that cannot be
    /// found again (relative to a directory that is not told, or escaped).
    /// </summary>
    public static IReadOnlyList<string>? Of(string path, string mountinfo)
    {
        string? options = null;
        foreach (string line in mountinfo.Split('\n'))
        {
            string[] halves = line.Split(" - ", 2);
            string[] place = halves[0].Split(' ');
            if (halves.Length == 2 && place.Length >= 6 && Unescape(place[4]) == path)
            {
                // The last mount of a place is the one that is seen.
                string[] kind = halves[1].Split(' ');
                options = kind.Length >= 3 && kind[0] == "overlay" ? kind[2] : null;
            }
        }

        string? lower = options?.Split(',').FirstOrDefault(o => o.StartsWith("lowerdir=", StringComparison.Ordinal))?["lowerdir=".Length..];
        if (lower is null || lower.Contains('\\'))
        {
            return null;
        }

        // docker mounts with paths relative to the folder above the container's own (…/overlay2/ID/merged).
        string? origin = Path.GetDirectoryName(Path.GetDirectoryName(path));
        List<string> layers = [.. lower.Split(':').Where(l => l.Length > 0).Select(l => Path.GetFullPath(l, origin ?? "/"))];
        layers.RemoveAll(l => Resolve(l).EndsWith(DockerInit, StringComparison.Ordinal));
        return layers.Count > 0 ? layers : null;
    }

    /// <summary>Follows the short links (overlay2/l/…) that docker and podman mount by.</summary>
    private static string Resolve(string path) => new DirectoryInfo(path) is { Exists: true, LinkTarget: not null } link
        ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName
        : path;

    /// <summary>Space, tab, newline and backslash stand as three octal digits.</summary>
    private static string Unescape(string text) => text
        .Replace("\\040", " ", StringComparison.Ordinal)
        .Replace("\\011", "\t", StringComparison.Ordinal)
        .Replace("\\012", "\n", StringComparison.Ordinal)
        .Replace("\\134", "\\", StringComparison.Ordinal);
}
