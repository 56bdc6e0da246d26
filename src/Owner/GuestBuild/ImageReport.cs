using Pavise.Owner.GuestBuild.Manifest;

namespace Pavise.Owner.GuestBuild;

/// <summary>An image as a table for people.</summary>
internal static class ImageReport
{
    internal static void Write(GuestManifest manifest, TextWriter output)
    {
        output.WriteLine($"flavour        {manifest.Flavour}");
        output.WriteLine($"kernel         {manifest.KernelVersion}");
        foreach (ManifestFile part in new[] { manifest.Kernel, manifest.Initrd })
        {
            output.WriteLine($"{part.Path,-14} {part.Sha256}  {Size(part.Bytes),10}");
        }

        foreach ((string machine, string line) in manifest.CommandLines)
        {
            output.WriteLine($"command line   {machine}: {line}");
        }
    }

    internal static void WriteFiles(GuestManifest manifest, TextWriter output)
    {
        output.WriteLine("in the initial RAM disk:");
        foreach (ManifestFile file in manifest.Files)
        {
            output.WriteLine($"  {file.Mode} {Size(file.Bytes),10}  {file.Sha256[..Math.Min(16, file.Sha256.Length)]}  {file.Path}");
        }
    }

    private static string Size(long bytes) => $"{bytes / 1024.0:N0} KiB";
}
