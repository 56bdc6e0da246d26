using Pavise.Host.Installation;
using Pavise.Host.Runtime.CommandLine;

namespace Pavise.Host.Runtime.Commands.Node;

/// <summary>Options that install and uninstall share.</summary>
internal static class InstallationOptions
{
    private const int LongestPatience = 3600;

    public static IReadOnlyList<OptionSpec> Specs { get; } =
    [
        OptionSpec.Value("host-root", "folder where the node's root is mounted (default /: this machine)"),
        OptionSpec.Value("distribution", $"{string.Join(", ", ContainerdTarget.Distributions)} (default auto)"),
        OptionSpec.Value("config", "containerd's configuration on the node, where it is not the distribution's"),
        OptionSpec.Value("service", "systemd unit that is restarted; none: containerd is not restarted"),
        OptionSpec.Value("socket", "containerd's socket, which must answer after the restart"),
        OptionSpec.Value("timeout", "seconds that containerd may take to answer (default 90)"),
    ];

    public static InstallOptions Read(ParsedArguments arguments, string payload)
    {
        if (arguments.Positional.Count > 0)
        {
            throw new UsageException($"unexpected argument {arguments.Positional[0]}");
        }

        string distribution = arguments.Value("distribution") ?? "auto";
        if (!ContainerdTarget.Distributions.Contains(distribution))
        {
            throw new UsageException($"unknown distribution {distribution} (known: {string.Join(", ", ContainerdTarget.Distributions)})");
        }

        InstallOptions options = new(new HostRoot(arguments.Value("host-root") ?? "/"), payload);
        return options with
        {
            Distribution = distribution,
            Configuration = AbsolutePath(arguments, "config"),
            Service = arguments.Value("service") is "none" ? "" : arguments.Value("service"),
            Socket = AbsolutePath(arguments, "socket"),
            Force = arguments.Has("force"),
            Patience = arguments.Value("timeout") is not { } text ? options.Patience
                : int.TryParse(text, out int seconds) && seconds is > 0 and <= LongestPatience ? TimeSpan.FromSeconds(seconds)
                : throw new UsageException($"--timeout is a number of seconds from 1 to {LongestPatience}"),
        };
    }

    /// <summary>The value of an option that is an absolute path; null when it is not given.</summary>
    public static string? AbsolutePath(ParsedArguments arguments, string name) =>
        arguments.Value(name) is not { } path || path.StartsWith('/') ? arguments.Value(name) : throw new UsageException($"--{name} is an absolute path");
}
