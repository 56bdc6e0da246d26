using System.Collections.Immutable;

namespace Pavise.Policy.Rules;

/// <summary>NAME=value assignments.</summary>
internal static class EnvNames
{
    /// <summary>The name; the whole text where there is no sign.</summary>
    public static ReadOnlySpan<char> Of(string assignment)
    {
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? assignment : assignment.AsSpan(0, equals);
    }

    /// <summary>The first assignment of a name, or null.</summary>
    public static string? Find(ImmutableArray<string> environment, string name)
    {
        foreach (string assignment in environment.AsSpan())
        {
            if (assignment.Length > name.Length && assignment[name.Length] == '=' && assignment.StartsWith(name, StringComparison.Ordinal))
            {
                return assignment;
            }
        }

        return null;
    }

    /// <summary>How often a name is assigned.</summary>
    public static int Count(ImmutableArray<string> environment, string name)
    {
        int count = 0;
        foreach (string assignment in environment.AsSpan())
        {
            count += assignment.Length > name.Length && assignment[name.Length] == '=' && assignment.StartsWith(name, StringComparison.Ordinal) ? 1 : 0;
        }

        return count;
    }
}
