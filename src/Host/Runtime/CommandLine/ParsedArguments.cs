namespace Pavise.Host.Runtime.CommandLine;

/// <summary>A command line taken apart into options and positional arguments.</summary>
internal sealed class ParsedArguments
{
    private readonly Dictionary<string, List<string>> values = [];

    private ParsedArguments(IReadOnlyList<string> positional) => Positional = positional;

    /// <summary>Everything that is no option.</summary>
    public IReadOnlyList<string> Positional { get; private set; }

    /// <summary>Last value of an option, or null.</summary>
    public string? Value(string name) => values.TryGetValue(name, out List<string>? given) ? given[^1] : null;

    /// <summary>All values of an option, in order.</summary>
    public IReadOnlyList<string> Values(string name) => values.GetValueOrDefault(name) ?? [];

    /// <summary>Whether a switch is on.</summary>
    public bool Has(string name) => Value(name) is "true";

    /// <summary>Parses <c>--name value</c>, <c>--name=value</c>, <c>-n value</c>, switches and <c>--</c>; one dash serves for long names too.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="options">Known options.</param>
    /// <param name="anywhere">Options may also follow positional arguments, as in <c>kill ID --all</c>; otherwise the first positional ends them.</param>
    /// <exception cref="UsageException">An unknown option, a missing value, or a switch that is neither true nor false.</exception>
    public static ParsedArguments Parse(IReadOnlyList<string> arguments, IReadOnlyList<OptionSpec> options, bool anywhere = false)
    {
        ParsedArguments parsed = new([]);
        List<string> positional = [];
        int at = 0;
        for (; at < arguments.Count; at++)
        {
            string argument = arguments[at];
            if (argument == "--")
            {
                at++;
                break;
            }

            if (argument.Length < 2 || argument[0] != '-')
            {
                if (!anywhere)
                {
                    break;
                }

                positional.Add(argument);
                continue;
            }

            string name = argument[(argument[1] == '-' ? 2 : 1)..];
            int equals = name.IndexOf('=', StringComparison.Ordinal);
            string? attached = equals >= 0 ? name[(equals + 1)..] : null;
            name = equals >= 0 ? name[..equals] : name;
            OptionSpec option = options.FirstOrDefault(o => o.Name == name || (name.Length == 1 && o.Short == name[0])) ?? throw new UsageException($"unknown option {argument}");
            string value = !option.TakesValue ? attached ?? "true"
                : attached ?? (++at < arguments.Count ? arguments[at] : throw new UsageException($"option --{option.Name} needs a value"));
            if (!option.TakesValue && value is not ("true" or "false"))
            {
                throw new UsageException($"option --{option.Name} is a switch: true or false, not {value}");
            }

            if (!parsed.values.TryGetValue(option.Name, out List<string>? list))
            {
                parsed.values[option.Name] = list = [];
            }

            list.Add(value);
        }

        parsed.Positional = [.. positional, .. arguments.Skip(at)];
        return parsed;
    }
}
