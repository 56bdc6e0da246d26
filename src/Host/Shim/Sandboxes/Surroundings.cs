using Pavise.Host.Configuration;
using Pavise.Host.ImageCache;
using Pavise.Host.Visor;

namespace Pavise.Host.Shim.Sandboxes;

/// <summary>What the shim uses of the rest of the node; a seam, so that each step can be made to fail.</summary>
/// <param name="Configuration">Reads the node's configuration, from a file or (null) from the usual place.</param>
/// <param name="Image">Returns the root image of a root file system.</param>
/// <param name="Launch">Starts a pVM.</param>
/// <param name="Sandboxes">Where sandbox directories are.</param>
internal sealed record Surroundings(
    Func<string?, HostConfiguration> Configuration,
    Func<HostConfiguration, RootSource, CancellationToken, Task<CachedImage>> Image,
    Func<LaunchOptions, CancellationToken, Task<ISandbox>> Launch,
    string Sandboxes)
{
    /// <summary>The node as it is.</summary>
    public static Surroundings Real { get; } = new(
        named => named is null ? ConfigurationFile.Load() : ConfigurationFile.Load(named),
        (configuration, root, cancellation) => new RootImageCache(configuration.Cache).GetAsync(root, cancellation),
        LocalSandbox.LaunchAsync,
        "/run/pavise/sandboxes");
}
