namespace Pavise.Owner.GuestBuild;

/// <summary>Names of where files come from when it is not a Debian package.</summary>
internal static class GuestOrigins
{
    /// <summary>This project's own programs.</summary>
    internal const string Own = "pavise-guest";

    /// <summary>A folder that the user named with --sysroot.</summary>
    internal const string Sysroot = "sysroot";
}
