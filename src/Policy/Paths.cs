namespace Pavise.Policy;

/// <summary>Paths as text; nothing here looks at a file system.</summary>
internal static class Paths
{
    /// <summary>Absolute, without empty, <c>.</c> or <c>..</c> components and without a slash at the end, except the root itself.</summary>
    public static bool IsPlainAbsolute(string path)
    {
        if (path.Length is 0 or > PolicyLimits.PathChars || path[0] != '/' || path.AsSpan().ContainsAnyInRange('\0', '\u001f'))
        {
            return false;
        }

        if (path.Length == 1)
        {
            return true;
        }

        foreach (Range range in path.AsSpan(1).Split('/'))
        {
            if (path.AsSpan(1)[range] is "" or "." or "..")
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a component is <c>..</c>.</summary>
    public static bool Climbs(string path)
    {
        foreach (Range range in path.AsSpan().Split('/'))
        {
            if (path.AsSpan()[range] is "..")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The path without empty and <c>.</c> components. The same instance when there are none.</summary>
    public static string Normal(string path) =>
        IsPlainAbsolute(path) ? path : "/" + string.Join('/', path.Split('/').Where(c => c is not ("" or ".")));

    /// <summary>A file name without slash, not <c>.</c> or <c>..</c>.</summary>
    public static bool IsFileName(string name) => name.Length is > 0 and <= 255 && name is not ("." or "..") && !name.Contains('/') && !name.AsSpan().ContainsAnyInRange('\0', '\u001f');
}
