using Pavise.Owner.GuestBuild.Archive;
using Pavise.Owner.GuestBuild.Manifest;

namespace Pavise.Owner.GuestBuild;

/// <summary>Compares an image folder with its manifest, down to the files in the initial RAM disk.</summary>
internal static class ImageCheck
{
    /// <exception cref="OwnerException">There is no readable manifest.</exception>
    internal static (GuestManifest Manifest, IReadOnlyList<string> Differences) Check(string folder)
    {
        string file = Path.Combine(folder, GuestManifest.FileName);
        if (!File.Exists(file))
        {
            throw new OwnerException($"{folder} has no {GuestManifest.FileName}", "make an image with `pavise guest build`");
        }

        GuestManifest manifest = ManifestReader.Read(File.ReadAllBytes(file));
        List<string> differences = [];
        Compare(folder, manifest.Kernel, differences);
        if (Compare(folder, manifest.Initrd, differences) is { } initrd)
        {
            CompareContents(initrd, manifest, differences);
        }

        return (manifest, differences);
    }

    private static byte[]? Compare(string folder, ManifestFile expected, List<string> differences)
    {
        string path = Path.Combine(folder, expected.Path);
        if (!File.Exists(path))
        {
            differences.Add($"{expected.Path} is missing");
            return null;
        }

        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.Length != expected.Bytes || GuestImage.Hash(bytes) != expected.Sha256)
        {
            differences.Add($"{expected.Path} is not the file of the manifest");
        }

        return bytes;
    }

    private static void CompareContents(byte[] initrd, GuestManifest manifest, List<string> differences)
    {
        IReadOnlyList<CpioEntry> entries;
        try
        {
            entries = CpioReader.Read(initrd);
        }
        catch (FormatException e)
        {
            differences.Add($"{manifest.Initrd.Path}: {e.Message}");
            return;
        }

        Dictionary<string, ManifestFile> expected = manifest.Files.ToDictionary(f => f.Path.TrimStart('/'), StringComparer.Ordinal);
        foreach (CpioEntry entry in entries.Where(e => !e.IsFolder))
        {
            if (!expected.Remove(entry.Path, out ManifestFile? file))
            {
                differences.Add($"/{entry.Path} is in the initial RAM disk but not in the manifest");
            }
            else if (!entry.IsFile || GuestImage.Hash(entry.Content.Span) != file.Sha256 || GuestImage.Octal(entry.Mode & ~CpioEntry.TypeMask) != file.Mode)
            {
                differences.Add($"{file.Path} is not the file of the manifest");
            }
        }

        differences.AddRange(expected.Values.Select(f => $"{f.Path} is missing from the initial RAM disk"));
    }
}
