using Pavise.Host.Runtime.CommandLine;

namespace Pavise.Host.Runtime.Commands;

/// <summary>Options that <c>create</c>, <c>run</c> and <c>exec</c> share.</summary>
internal static class ProcessOptions
{
    /// <summary>Stands for the terminal that the command itself runs on, where a console socket would be named.</summary>
    public const string CallersTerminal = "\0caller";

    public static OptionSpec Bundle { get; } = OptionSpec.Value("bundle", "folder of the bundle (default: the current one)", 'b');

    public static OptionSpec ConsoleSocket { get; } = OptionSpec.Value("console-socket", "Unix socket that gets the terminal's master");

    public static OptionSpec PidFile { get; } = OptionSpec.Value("pid-file", "file that gets the pid of the host process");

    public static OptionSpec Detach { get; } = OptionSpec.Switch("detach", "return when it is started", 'd');

    /// <summary>Accepted for compatibility: each speaks of something that happens inside the guest, by the policy, or not at all.</summary>
    public static IReadOnlyList<OptionSpec> Compatibility { get; } =
    [
        OptionSpec.Switch("no-pivot", "accepted for compatibility"),
        OptionSpec.Switch("no-new-keyring", "accepted for compatibility"),
        OptionSpec.Value("preserve-fds", "accepted for compatibility: no descriptor enters a pVM"),
        OptionSpec.Switch("no-subreaper", "accepted for compatibility"),
    ];

    public static async Task WritePidAsync(ParsedArguments arguments, int pid)
    {
        if (arguments.Value(PidFile.Name) is { } file)
        {
            string temporary = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, $".{Path.GetFileName(file)}.{pid}");
            await File.WriteAllTextAsync(temporary, pid.ToString());
            File.Move(temporary, file, overwrite: true);
        }
    }
}
