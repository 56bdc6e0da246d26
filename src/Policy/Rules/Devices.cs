using Pavise.Policy.Oci;

namespace Pavise.Policy.Rules;

/// <summary>Devices that every container has (config-linux.md, Default Devices).</summary>
internal static class Devices
{
    private static readonly (string Path, long Major, long Minor)[] Standard =
    [
        ("/dev/null", 1, 3), ("/dev/zero", 1, 5), ("/dev/full", 1, 7), ("/dev/random", 1, 8), ("/dev/urandom", 1, 9), ("/dev/tty", 5, 0), ("/dev/console", 5, 1), ("/dev/ptmx", 5, 2),
    ];

    public static bool IsStandard(OciDevice device) => device.Type is "c" or "u" && Standard.Any(s => s.Path == device.Path && s.Major == device.Major && s.Minor == device.Minor);

    public static bool IsStandard(long major, long minor) => Standard.Any(s => s.Major == major && s.Minor == minor);

    /// <summary>Pseudo terminals (136:*) beside the standard devices; engines also name the clone device of tunnels (10:200).</summary>
    public static bool IsStandardRule(OciDeviceRule rule) =>
        rule.Type == "c" && rule.Major is { } major && (major == 136 || (rule.Minor is { } minor && (IsStandard(major, minor) || (major, minor) is (10, 200))));
}
