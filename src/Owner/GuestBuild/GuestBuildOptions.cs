namespace Pavise.Owner.GuestBuild;

/// <summary>What a guest image is made from.</summary>
internal sealed record GuestBuildOptions
{
    /// <summary>Folder of the result; made if it is missing.</summary>
    internal required string Output { get; init; }

    /// <summary>`production` or `development`.</summary>
    internal required string Flavour { get; init; }

    /// <summary>The pavise-guest program.</summary>
    internal required string Guest { get; init; }

    /// <summary>Debian package of the kernel, used when no kernel is named.</summary>
    internal string KernelPackage { get; init; } = "linux-image-cloud-amd64";

    /// <summary>The user's own kernel (bzImage), with <see cref="Modules"/>.</summary>
    internal string? Kernel { get; init; }

    /// <summary>Folder of the own kernel's modules.</summary>
    internal string? Modules { get; init; }

    /// <summary>Whether modules keep their signatures: for a kernel that refuses modules without.</summary>
    internal bool KeepSignatures { get; init; }

    /// <summary>What the own kernel's version must be; null accepts the one it states.</summary>
    internal string? KernelVersion { get; init; }

    /// <summary>A folder of .deb files to use instead of apt.</summary>
    internal string? PackagesFolder { get; init; }

    /// <summary>A folder with crun and the libraries to use instead of packages.</summary>
    internal string? Sysroot { get; init; }

    /// <summary>Where downloaded packages are kept.</summary>
    internal required string Cache { get; init; }
}
