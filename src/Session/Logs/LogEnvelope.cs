using System.Buffers;

namespace Pavise.Session.Logs;

/// <summary>
/// Finds a sealed line in what a log driver or collector made of it: the Kubernetes format of containerd, CRI-O and podman's k8s-file
/// (<c>TIME STREAM F|P TEXT</c>), docker's json-file (<c>{"log":"TEXT\n",…}</c>), prefixes of kubectl and compose, or nothing at all. A sealed line has no
/// character that any of them changes, so it is looked for, and the rest is not parsed.
/// </summary>
public static class LogEnvelope
{
    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>The sealed line in a line, or null.</summary>
    public static string? FindSealed(ReadOnlySpan<char> line)
    {
        int start = line.IndexOf(LogLine.Magic, StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        ReadOnlySpan<char> rest = line[start..];
        int end = rest.IndexOfAnyExcept(Characters);
        return (end < 0 ? rest : rest[..end]).ToString();
    }
}
