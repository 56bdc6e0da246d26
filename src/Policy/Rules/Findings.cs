using System.Collections.Immutable;
using System.Globalization;
using Pavise.Policy.Engine;

namespace Pavise.Policy.Rules;

/// <summary>What of a request has no effect. <c>More</c>: it asks for something that the policy does not give, which a strict policy refuses.</summary>
internal sealed class Findings(string rulePath)
{
    private readonly ImmutableArray<Note>.Builder notes = ImmutableArray.CreateBuilder<Note>();
    private int beyond;

    /// <summary>The first finding that a strict policy refuses.</summary>
    public Note? FirstMore { get; private set; }

    public ImmutableArray<Note> Notes => beyond == 0 ? notes.ToImmutable() : [.. notes, new Note($"{beyond.ToString(CultureInfo.InvariantCulture)} more", rulePath)];

    // Names of the host stand in the audit: they must not draw on a terminal.
    private static string Printable(string text) => text.AsSpan().ContainsAnyInRange('\0', '\u001f') || text.AsSpan().ContainsAnyInRange('\u007f', '\u009f')
        ? string.Concat(text.Select(c => char.IsControl(c) ? '?' : c))
        : text;

    public void Add(string field, string rule, bool more)
    {
        Note note = new(Printable(field), $"{rulePath}.{Printable(rule)}");
        FirstMore ??= more ? note : null;
        if (notes.Count < PolicyLimits.Notes)
        {
            notes.Add(note);
        }
        else
        {
            beyond++;
        }
    }
}
