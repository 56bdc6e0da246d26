using System.Text;

namespace Pavise.Host.Configuration;

/// <summary>Finds and reads the node's configuration file.</summary>
public static class ConfigurationFile
{
    /// <summary>Where it is unless <see cref="Variable"/> says otherwise.</summary>
    public const string DefaultPath = "/etc/pavise/config.toml";

    /// <summary>The environment variable that names another file, which then must exist.</summary>
    public const string Variable = "PAVISE_CONFIG";

    // A configuration with every key and its comments has some two kilobytes.
    private const int Bytes = 64 * 1024;

    /// <summary>Reads the file that <see cref="Variable"/> names, or the default one (defaults when there is none).</summary>
    /// <exception cref="HostException">The file is missing or malformed; the message names file, line and key.</exception>
    public static HostConfiguration Load() => Load(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Reads a named file, or the default one when the name is null or empty.</summary>
    internal static HostConfiguration Load(string? named)
    {
        string path = string.IsNullOrEmpty(named) ? DefaultPath : named;
        if (string.IsNullOrEmpty(named) && !File.Exists(path))
        {
            return new HostConfiguration();
        }

        try
        {
            if (new FileInfo(path).Length > Bytes)
            {
                throw new HostException($"{path} is longer than {Bytes} bytes");
            }

            return ConfigurationReader.Read(File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true)), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new HostException($"the configuration {path} cannot be read: {e.Message}", e);
        }
    }
}
