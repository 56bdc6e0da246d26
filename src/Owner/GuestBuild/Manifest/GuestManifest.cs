namespace Pavise.Owner.GuestBuild.Manifest;

/// <summary>`manifest.json` of a guest image folder (docs/design/layout.md).</summary>
internal sealed record GuestManifest(string Flavour, string KernelVersion, ManifestFile Kernel, ManifestFile Initrd, IReadOnlyDictionary<string, string> CommandLines, IReadOnlyList<ManifestFile> Files)
{
    internal const string Schema = "pavise.guest/v1";
    internal const string FileName = "manifest.json";
    internal const string KernelName = "vmlinuz";
    internal const string InitrdName = "initrd.img";
    internal const string SbomName = "sbom.spdx.json";
}

/// <summary>One file: beside the manifest, or (with a mode, an octal text of permission bits) inside the initial RAM disk.</summary>
internal sealed record ManifestFile(string Path, string Sha256, long Bytes, string? Mode = null);
