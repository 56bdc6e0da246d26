namespace Pavise.Host.Runtime.CommandLine;

/// <summary>One option of a command, as runc's users know it.</summary>
/// <param name="Name">Long name without dashes.</param>
/// <param name="TakesValue">Whether a value follows; else it is a switch.</param>
/// <param name="Short">One-letter name, or NUL.</param>
/// <param name="Help">What it does; options that only exist for compatibility say so.</param>
internal sealed record OptionSpec(string Name, bool TakesValue, char Short, string Help)
{
    public static OptionSpec Switch(string name, string help, char shortName = '\0') => new(name, false, shortName, help);

    public static OptionSpec Value(string name, string help, char shortName = '\0') => new(name, true, shortName, help);
}
