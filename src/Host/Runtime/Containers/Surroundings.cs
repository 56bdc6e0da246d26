using Pavise.Host.Configuration;
using Pavise.Host.ImageCache;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Processes;
using Pavise.Host.Visor;

namespace Pavise.Host.Runtime.Containers;

/// <summary>What the commands use of the rest of the node; a seam, so that each step of a creation can be made to fail.</summary>
/// <param name="Configuration">Reads the node's configuration.</param>
/// <param name="Image">Returns the root image of a root folder.</param>
/// <param name="Launch">Starts a pVM.</param>
/// <param name="Open">Finds the running pVM of a directory.</param>
/// <param name="StartHostProcess">Starts the process that engines track and returns its pid.</param>
internal sealed record Surroundings(
    Func<HostConfiguration> Configuration,
    Func<HostConfiguration, string, CancellationToken, Task<CachedImage>> Image,
    Func<LaunchOptions, CancellationToken, Task<ISandbox>> Launch,
    Func<string, ISandbox> Open,
    Func<GlobalOptions, ProcessTarget, CancellationToken, Task<int>> StartHostProcess)
{
    /// <summary>The node as it is.</summary>
    public static Surroundings Real { get; } = new(
        ConfigurationFile.Load,
        (configuration, root, cancellation) => new RootImageCache(configuration.Cache).GetAsync(RootSource.FromDirectory(root), cancellation),
        Sandbox.LaunchAsync,
        Sandbox.Open,
        HostProcessLauncher.StartAsync);
}
