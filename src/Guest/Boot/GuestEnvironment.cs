using Pavise.Boundary;

namespace Pavise.Guest.Boot;

/// <summary>Where this guest runs and where it keeps its things.</summary>
/// <param name="WorkDirectory">A tmpfs for bundles, images' mount points, volumes.</param>
/// <param name="ImageDirectory">Process machine: the folder in which the visor links plugged images; null in a VM.</param>
/// <param name="CgroupsAvailable">Whether containers get cgroups of their own with controllers.</param>
internal sealed record GuestEnvironment(string WorkDirectory, string? ImageDirectory, bool CgroupsAvailable)
{
    /// <summary>"production" or "development".</summary>
#if PAVISE_DEVELOPMENT
    public const string Flavour = "development";
#else
    public const string Flavour = "production";
#endif

    /// <summary>
    /// By this text, printed by `pavise-guest --version`, `pavise guest build` knows a program's flavour. UTF-8, because these bytes stand in the
    /// program as they are; the native compiler packs text of the type string.
    /// </summary>
#if PAVISE_DEVELOPMENT
    public static ReadOnlySpan<byte> FlavourMarker => "pavise-guest-flavour:development"u8;
#else
    public static ReadOnlySpan<byte> FlavourMarker => "pavise-guest-flavour:production"u8;
#endif

    /// <summary>Open files of PID 1: the connections of two ports at their limit, and three pipes of each process that they can be about.</summary>
    public const ulong OpenFiles = 8 * BoundaryLimits.Connections;

    /// <summary>Version that Bind answers.</summary>
    public static string Version { get; } = typeof(GuestEnvironment).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>Whether this is a virtual machine.</summary>
    public bool IsVm => ImageDirectory is null;
}
