using System.Globalization;
using System.Text;
using Pavise.Session.Logs;

namespace Pavise.Owner.Sessions;

/// <summary>Prints what a sealed log holds to one stream, and what is wrong with it to another.</summary>
internal sealed class LogPrinter(Stream output, TextWriter errors, bool times) : ILogReport
{
    /// <summary>Lines that are not sealed are told once; the rest is counted.</summary>
    private int unsealed;

    /// <summary>Whether nothing is wrong but an end that may still come, and lines that are of others.</summary>
    public bool IsGood { get; private set; } = true;

    public void Begins(LogStreamInfo stream, string boot, ulong next) =>
        errors.WriteLine($"stream: {stream.Container}{(stream.Process.Length > 0 ? $" exec {stream.Process}" : "")} {stream.Stream}, run {stream.Run}, boot {boot}{(next > 1 ? $", from record {next}" : "")}");

    public void Text(LogStreamInfo stream, long unixMs, ReadOnlySpan<byte> text)
    {
        if (times)
        {
            output.Write(Encoding.ASCII.GetBytes(DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(unixMs, 0, 253_402_300_799_999)).ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", CultureInfo.InvariantCulture)));
        }

        output.Write(text);
        output.Flush();
    }

    public void Problem(LogProblem problem, string message)
    {
        if (problem == LogProblem.Unsealed && unsealed++ > 0)
        {
            return;
        }

        IsGood &= problem is LogProblem.NoEnd or LogProblem.Unsealed;
        errors.WriteLine($"{Word(problem)}: {new string([.. message.Select(c => char.IsControl(c) ? '?' : c)])}");
    }

    private static string Word(LogProblem problem) => problem switch
    {
        LogProblem.Forged => "FORGED",
        LogProblem.Replayed => "REPLAYED",
        LogProblem.Changed => "CHANGED",
        LogProblem.Gap => "MISSING",
        LogProblem.Reordered => "out of order",
        LogProblem.Duplicate => "repeated",
        LogProblem.WrongKey => "not for you",
        LogProblem.NoHeader => "cannot be opened",
        LogProblem.NoEnd => "open end",
        LogProblem.Unsealed => "not sealed, left out",
        _ => "malformed",
    };
}
