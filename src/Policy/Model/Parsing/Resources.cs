using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Names of key broker resources: kbs:///repository/type/tag.</summary>
internal static class Resources
{
    public static void Check(Problems problems, string text, string path)
    {
        const string prefix = "kbs:///";
        string[] parts = text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..].Split('/') : [];
        if (parts.Length != 3 || parts.Any(p => !ResourceNames.IsPart(p)))
        {
            problems.Add(path, "must be a key broker resource kbs:///repository/type/tag, each part 1 to 128 of A-Z a-z 0-9 - _ . and not beginning with a dot");
        }
    }
}
