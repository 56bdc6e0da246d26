using System.Text;
using Pavise.Host.Configuration;

namespace Pavise.Host.Installation;

/// <summary>The node's <c>config.toml</c> as the installer writes it where there is none.</summary>
internal static class NodeConfiguration
{
    /// <summary>Its bytes. They are read back first, so that a wrong machine is found before the node changes.</summary>
    /// <exception cref="HostException">An option has no valid value.</exception>
    public static byte[] Bytes(InstallOptions options)
    {
        string text = $"""
            # Written by pavise-runtime install. Once changed it is yours: later installations and the uninstallation leave it alone.
            machine = "{options.Machine}"
            guest = "{options.GuestFolder}/{options.Flavour}"
            [qemu]
            path = "{options.Vmm}"
            firmware = "{options.Firmware}"

            """;
        ConfigurationReader.Read(text, ConfigurationFile.DefaultPath);
        return Encoding.UTF8.GetBytes(text);
    }
}
