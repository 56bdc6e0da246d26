namespace Pavise.Host.Runtime.CommandLine;

/// <summary>Linux signals by number or name, with or without SIG (signal(7), x86-64).</summary>
internal static class SignalNames
{
    private const int Highest = 64;

    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    public static uint Parse(string text)
    {
        if (uint.TryParse(text, out uint number) && number is > 0 and <= Highest)
        {
            return number;
        }

        string name = text.ToUpperInvariant();
        name = name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name;
        int index = Array.IndexOf(Names, name);
        return index > 0 ? (uint)index : throw new UsageException($"unknown signal {text}: a name such as TERM, or a number from 1 to {Highest}");
    }
}
