using Pavise.Workloads;

namespace Pavise.Quickstart;

/// <summary>The project's programs as the walkthrough calls them: with a configuration, a state folder and an image cache of its own.</summary>
internal sealed class Tools
{
    private readonly string bin;
    private readonly string state;
    private readonly Dictionary<string, string> environment;

    public Tools(string repository, string folder, string machine)
    {
        bin = Path.Combine(repository, "out", "bin");
        state = Path.Combine(folder, "run");
        Directory.CreateDirectory(state);
        string configuration = Path.Combine(folder, "config.toml");
        File.WriteAllText(configuration, $"""
            machine = "{machine}"
            guest = "{Path.Combine(repository, "out", "guest", "development")}"
            cache = "{Path.Combine(folder, "images")}"
            """);
        environment = new() { ["PAVISE_CONFIG"] = configuration };
    }

    /// <summary>Runs <c>pavise</c>.</summary>
    public Task<CommandResult> OwnerAsync(params string[] arguments) => Command.RunAsync(Path.Combine(bin, "pavise"), arguments);

    /// <summary>Runs <c>pavise-runtime</c>.</summary>
    public Task<CommandResult> RuntimeAsync(params string[] arguments) =>
        Command.RunAsync(Path.Combine(bin, "pavise-runtime"), ["--root", state, .. arguments], environment: environment);

    /// <summary>Runs <c>pavise-runtime</c> without waiting for the end of the container's output, which goes to a file.</summary>
    public Task<CommandResult> RuntimeDetachedAsync(string outputFile, params string[] arguments) =>
        Command.RunAsync("/bin/sh", ["-c", "exec \"$0\" \"$@\" >\"$OUTPUT\" 2>&1 </dev/null", Path.Combine(bin, "pavise-runtime"), "--root", state, .. arguments],
            environment: new Dictionary<string, string>(environment) { ["OUTPUT"] = outputFile });
}
