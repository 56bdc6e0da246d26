using Pavise.Policy.Matching;

namespace Pavise.Owner.Policies.Operations;

/// <summary>What one part of a request may be for a rule to admit it: absent, one text, an expression, anything, or a number up to a maximum.</summary>
internal sealed record Language
{
    private Language()
    {
    }

    /// <summary>Whether the part may be missing.</summary>
    public bool Absent { get; private init; }
    /// <summary>Whether the part may be there.</summary>
    public bool Present { get; private init; }
    /// <summary>The only text, or null.</summary>
    public string? Literal { get; private init; }
    /// <summary>The expression, or null.</summary>
    public Pattern? Pattern { get; private init; }
    /// <summary>A second expression that must match too, or null.</summary>
    public Pattern? Also { get; private init; }
    /// <summary>Whether it is a number.</summary>
    public bool IsNumber { get; private init; }
    /// <summary>The largest number; null without a bound.</summary>
    public long? Most { get; private init; }

    /// <summary>Whatever the host writes, or nothing.</summary>
    public static Language Anything { get; } = new() { Absent = true, Present = true };
    /// <summary>Must be there, whatever it is.</summary>
    public static Language Something { get; } = new() { Present = true };
    /// <summary>Must not be there.</summary>
    public static Language Nothing { get; } = new() { Absent = true };

    public static Language Exactly(string text) => new() { Present = true, Literal = text };

    /// <summary>Absent, or one text.</summary>
    public static Language Optionally(string text) => new() { Absent = true, Present = true, Literal = text };

    public static Language Matching(Pattern? pattern, bool absent, Pattern? also = null) => new() { Absent = absent, Present = true, Pattern = pattern ?? also, Also = pattern is null ? null : also };

    public static Language UpTo(long? most) => new() { Absent = true, Present = true, IsNumber = true, Most = most };

    /// <summary>What both admit. Of expressions at most two together are kept apart from one text: no part that is joined has more.</summary>
    public Language And(Language other)
    {
        if (IsNumber || other.IsNumber)
        {
            return UpTo(Most is { } most && other.Most is { } its ? Math.Min(most, its) : Most ?? other.Most);
        }

        string? literal = Literal ?? other.Literal;
        Pattern[] patterns = [.. new[] { Pattern, Also, other.Pattern, other.Also }.OfType<Pattern>()];
        return literal is not null
            ? new() { Absent = Absent && other.Absent, Present = Languages.Admits(this, literal) && Languages.Admits(other, literal), Literal = literal }
            : new() { Absent = Absent && other.Absent, Present = Present && other.Present, Pattern = patterns.ElementAtOrDefault(0), Also = patterns.Length <= 2 ? patterns.ElementAtOrDefault(1) : throw new InvalidOperationException("more than two expressions") };
    }

    /// <inheritdoc/>
    public override string ToString() => IsNumber ? Most is { } most ? $"up to {most}" : "without a bound"
        : Literal is { } literal ? Pavise.Policy.Model.Reading.Values.Shown(literal) + (Absent ? " or absent" : "")
        : Pattern is { } pattern ? $"{pattern.Text}{(Absent ? " or absent" : "")}"
        : Absent && Present ? "anything" : Present ? "anything, but not absent" : "absent";
}
