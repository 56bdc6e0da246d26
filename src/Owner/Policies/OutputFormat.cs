using System.CommandLine;
using System.Text.Json;

namespace Pavise.Owner.Policies;

/// <summary>Tables for people, JSON for programs, Markdown for documents.</summary>
internal static class OutputFormat
{
    public const string Table = "table", Json = "json", Markdown = "markdown";

    public static Option<string> Option()
    {
        Option<string> option = new("--format", "-f") { Description = "table for people, json for programs, markdown for documents.", DefaultValueFactory = _ => Table };
        option.AcceptOnlyFromAmong(Table, Json, Markdown);
        return option;
    }

    /// <summary>Writes rows.</summary>
    /// <param name="output">Where.</param>
    /// <param name="format">table, json or markdown.</param>
    /// <param name="columns">Names of the columns; in JSON those of the members.</param>
    /// <param name="rows">Texts, as many as columns.</param>
    public static void Write(TextWriter output, string format, IReadOnlyList<string> columns, IReadOnlyList<string[]> rows)
    {
        switch (format)
        {
            case Json:
                output.WriteLine(JsonOf(columns, rows));
                break;
            case Markdown:
                output.WriteLine($"| {string.Join(" | ", columns)} |");
                output.WriteLine($"|{string.Concat(Enumerable.Repeat(" --- |", columns.Count))}");
                foreach (string[] row in rows)
                {
                    output.WriteLine($"| {string.Join(" | ", row.Select(c => Plain(c).Replace("|", "\\|", StringComparison.Ordinal)))} |");
                }

                break;
            default:
                int[] widths = [.. columns.Select((c, i) => Math.Max(c.Length, rows.Select(r => Plain(r[i]).Length).DefaultIfEmpty(0).Max()))];
                foreach (string[] row in rows.Prepend([.. columns.Select(c => c.ToUpperInvariant())]))
                {
                    output.WriteLine(string.Join("  ", row.Select((c, i) => Plain(c).PadRight(i == row.Length - 1 ? 0 : widths[i]))).TrimEnd());
                }

                break;
        }
    }

    private static string JsonOf(IReadOnlyList<string> columns, IReadOnlyList<string[]> rows)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new() { Indented = true }))
        {
            writer.WriteStartArray();
            foreach (string[] row in rows)
            {
                writer.WriteStartObject();
                for (int i = 0; i < columns.Count; i++)
                {
                    writer.WriteString(columns[i], row[i]);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }

    // Names may come from a policy that somebody else wrote: they must not draw on a terminal.
    private static string Plain(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)) : text;
}
