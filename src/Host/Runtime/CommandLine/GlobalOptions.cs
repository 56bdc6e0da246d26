namespace Pavise.Host.Runtime.CommandLine;

/// <summary>Options before the command.</summary>
internal sealed record GlobalOptions(string Root, string? Log, string LogFormat, bool Debug, string? Policy)
{
    public const string DefaultRoot = "/run/pavise";

    public static IReadOnlyList<OptionSpec> Specs { get; } =
    [
        OptionSpec.Value("root", $"folder of the runtime's state (default {DefaultRoot})"),
        OptionSpec.Value("log", "file that errors are written to, beside standard error"),
        OptionSpec.Value("log-format", "text or json (default text)"),
        OptionSpec.Value("policy", "policy (canonical JSON) of containers that carry none, for engines without annotations: goes before the configuration's"),
        OptionSpec.Switch("debug", "log more"),
        OptionSpec.Switch("systemd-cgroup", "accepted for compatibility: cgroups are made inside the guest"),
        OptionSpec.Value("rootless", "accepted for compatibility"),
        OptionSpec.Value("criu", "accepted for compatibility: there are no checkpoints"),
        OptionSpec.Switch("help", "show help", 'h'),
        OptionSpec.Switch("version", "show the version", 'v'),
    ];

    public static GlobalOptions From(ParsedArguments arguments)
    {
        string format = arguments.Value("log-format") ?? "text";
        return format is "text" or "json"
            ? new(Path.GetFullPath(arguments.Value("root") ?? DefaultRoot), arguments.Value("log"), format, arguments.Has("debug"), arguments.Value("policy") is { Length: > 0 } policy ? Path.GetFullPath(policy) : null)
            : throw new UsageException($"unknown log format {format} (known: text, json)");
    }
}
