namespace Pavise.Owner.GuestBuild.Packages;

/// <summary>A Debian package in one version. The SHA-256 is of its .deb file.</summary>
internal sealed record DebianPackage(string Name, string Version, string Architecture, string Sha256, IReadOnlyList<string> Depends)
{
    /// <summary>The name that `apt-get download` gives its file.</summary>
    internal string FileName => $"{Name}_{Version.Replace(":", "%3a", StringComparison.Ordinal)}_{Architecture}.deb";
}
