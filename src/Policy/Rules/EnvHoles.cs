using System.Collections.Immutable;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Rules;

/// <summary>Variables that the policy leaves to the host.</summary>
internal static class EnvHoles
{
    /// <summary>The name of the first hole whose value is missing, given twice, or not admitted; null when all are well.</summary>
    public static string? Problem(ImmutableArray<EnvEntry> entries, ImmutableArray<string> asked)
    {
        foreach (EnvEntry entry in entries.AsSpan())
        {
            if (!entry.FromHost)
            {
                continue;
            }

            string? assignment = EnvNames.Find(asked, entry.Name);
            bool bad = assignment is not null && !entry.Sealed.IsEmpty && !IsSealed(assignment.AsSpan(entry.Name.Length + 1)) ? true
                : assignment is null ? entry.Required
                : EnvNames.Count(asked, entry.Name) > 1 || assignment.Contains('\0', StringComparison.Ordinal) || (entry.Matches is { } pattern && !pattern.IsMatch(assignment.AsSpan(entry.Name.Length + 1)));
            if (bad)
            {
                return entry.Name;
            }
        }

        return null;
    }

    /// <summary>The sealed ones among the variables of an effective environment.</summary>
    public static ImmutableArray<SealedVariablePlan> Sealed(ImmutableArray<EnvEntry> entries, ImmutableArray<string> effective) =>
        [.. entries.Where(e => !e.Sealed.IsEmpty && EnvNames.Find(effective, e.Name) is not null).Select(e => new SealedVariablePlan(e.Name, e.Sealed))];

    // What is no sealed text is refused by the policy; whether it opens, the guest sees when it carries the plan out.
    private static bool IsSealed(ReadOnlySpan<char> value) => value.StartsWith("sealed.", StringComparison.Ordinal) && value.Length <= PolicyLimits.SealedVariableChars;

    /// <summary>The effective environment: pinned values, admitted holes, defaults. Sorted by name.</summary>
    public static ImmutableArray<string> Effective(ImmutableArray<EnvEntry> entries, ImmutableArray<string> asked)
    {
        ImmutableArray<string>.Builder effective = ImmutableArray.CreateBuilder<string>(entries.Length);
        foreach (EnvEntry entry in entries)
        {
            if (((entry.FromHost ? EnvNames.Find(asked, entry.Name) : null) ?? entry.Assignment) is { } assignment)
            {
                effective.Add(assignment);
            }
        }

        return effective.DrainToImmutable();
    }
}
