namespace Pavise.Owner.GuestBuild.Packages;

/// <summary>Reads Debian's control data (deb-control(5)): stanzas of `Field: value` lines, continued by lines that begin with a blank, divided by empty lines.</summary>
internal static class ControlStanzas
{
    internal static IEnumerable<IReadOnlyDictionary<string, string>> Parse(string text)
    {
        Dictionary<string, string> stanza = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in text.Split('\n'))
        {
            if (line.Length == 0)
            {
                if (stanza.Count > 0)
                {
                    yield return stanza;
                    stanza = new(StringComparer.OrdinalIgnoreCase);
                }
            }
            else if (line[0] is not (' ' or '\t') && line.IndexOf(':') is > 0 and int colon)
            {
                stanza.TryAdd(line[..colon], line[(colon + 1)..].Trim());
            }
        }

        if (stanza.Count > 0)
        {
            yield return stanza;
        }
    }

    /// <summary>The names in Pre-Depends and Depends; of alternatives the first, without versions and architectures.</summary>
    internal static IReadOnlyList<string> Depends(IReadOnlyDictionary<string, string> stanza) =>
        [.. new[] { "Pre-Depends", "Depends" }
            .SelectMany(f => stanza.GetValueOrDefault(f, "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select(d => d.Split('|', 2)[0].Trim().Split(' ', '(', ':', '[')[0])
            .Where(d => d.Length > 0)
            .Distinct(StringComparer.Ordinal)];
}
