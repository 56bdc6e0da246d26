using System.Globalization;

namespace Pavise.Policy;

/// <summary>Linux signals by name (signal(7), x86).</summary>
public static class SignalNames
{
    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>The lowest number that a C program can use as a real-time signal.</summary>
    public const int RealTimeMin = 34;

    /// <summary>The highest number.</summary>
    public const int Last = 64;

    /// <summary>Names as a policy writes them, real-time ones left out.</summary>
    public static IEnumerable<string> Known => Names.Skip(1);

    /// <summary>The number of TERM, RTMIN, RTMIN+3, …; 0 for an unknown name.</summary>
    public static int Number(string name)
    {
        if (name == "RTMIN")
        {
            return RealTimeMin;
        }

        if (name.StartsWith("RTMIN+", StringComparison.Ordinal))
        {
            return int.TryParse(name.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out int plus) && plus is > 0 and <= Last - RealTimeMin ? RealTimeMin + plus : 0;
        }

        return name.Length == 0 ? 0 : Math.Max(0, Array.IndexOf(Names, name));
    }

    /// <summary>The name of a number.</summary>
    public static string Name(int number) => number switch
    {
        > 0 when number < Names.Length => Names[number],
        RealTimeMin => "RTMIN",
        > RealTimeMin and <= Last => $"RTMIN+{number - RealTimeMin}",
        _ => number.ToString(CultureInfo.InvariantCulture),
    };
}
