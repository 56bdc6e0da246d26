namespace Pavise.Owner.GuestBuild.Packages;

/// <summary>Where Debian packages come from.</summary>
internal interface IPackageSource
{
    /// <summary>The packages of these names, as far as there are any.</summary>
    Task<IReadOnlyList<DebianPackage>> FindAsync(IReadOnlyList<string> names, CancellationToken cancel);

    /// <summary>Path of the package's .deb file, whose SHA-256 has been checked.</summary>
    Task<string> FetchAsync(DebianPackage package, CancellationToken cancel);
}
