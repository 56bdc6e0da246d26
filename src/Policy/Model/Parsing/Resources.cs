using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Names of key broker resources: kbs:///repository/type/tag.</summary>
internal static class Resources
{
    public static void Check(Problems problems, string text, string path)
    {
        const string prefix = "kbs:///";
        string[] parts = text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..].Split('/') : [];
        if (parts.Length != 3 || text.Length > 512 || parts.Any(p => p is "" or "." or ".." || p.AsSpan().ContainsAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")))
        {
            problems.Add(path, "must be a key broker resource kbs:///repository/type/tag");
        }
    }
}
