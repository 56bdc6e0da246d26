using Pavise.Workloads;

namespace Pavise.Cri.Volumes;

/// <summary>One file of a volume that kubelet fills.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="Mode">Permission bits.</param>
internal sealed record VolumeFile(byte[] Content, UnixFileMode Mode);

/// <summary>
/// A folder whose files change all at once: they are in a folder named after the time, <c>..data</c> is a link to it, and
/// each name is a link through <c>..data</c>. Programs in containers see the same shapes on every node.
/// </summary>
internal static class AtomicFolder
{
    private const string Data = "..data";

    /// <summary>Replaces what the folder holds.</summary>
    /// <param name="folder">The volume.</param>
    /// <param name="files">Relative paths, without <c>..</c>.</param>
    public static async Task WriteAsync(string folder, IReadOnlyDictionary<string, VolumeFile> files)
    {
        Directory.CreateDirectory(folder);
        string stamped = $"..{DateTime.UtcNow:yyyy_MM_dd_HH_mm_ss}.{Random.Shared.NextInt64(1_000_000_000):000000000}";
        foreach ((string path, VolumeFile file) in files)
        {
            string target = Path.Combine(folder, stamped, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, file.Content);
            File.SetUnixFileMode(target, file.Mode);
        }

        Directory.CreateDirectory(Path.Combine(folder, stamped));
        string link = Path.Combine(folder, Data), next = Path.Combine(folder, "..data_tmp");
        string? previous = new FileInfo(link).LinkTarget;
        File.CreateSymbolicLink(next, stamped);
        // The library renames no link to a folder; the kernel's rename is what makes the change atomic.
        (await Command.RunAsync("mv", ["-T", next, link])).OrThrow("mv");
        foreach (string name in files.Keys.Select(p => p.Split('/')[0]).Distinct().Where(n => new FileInfo(Path.Combine(folder, n)).LinkTarget is null))
        {
            File.CreateSymbolicLink(Path.Combine(folder, name), $"{Data}/{name}");
        }

        if (previous is not null)
        {
            Directory.Delete(Path.Combine(folder, previous), recursive: true);
        }
    }
}
