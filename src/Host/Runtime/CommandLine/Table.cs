namespace Pavise.Host.Runtime.CommandLine;

/// <summary>Columns for people.</summary>
internal static class Table
{
    private const int Gap = 3;

    public static void Write(TextWriter output, string[] head, IEnumerable<string[]> rows)
    {
        List<string[]> all = [head, .. rows];
        int[] widths = [.. Enumerable.Range(0, head.Length).Select(c => all.Max(r => r[c].Length) + Gap)];
        foreach (string[] row in all)
        {
            output.WriteLine(string.Concat(row.Select((cell, c) => cell.PadRight(widths[c]))).TrimEnd());
        }
    }
}
