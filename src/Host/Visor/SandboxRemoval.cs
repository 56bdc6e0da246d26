namespace Pavise.Host.Visor;

/// <summary>Removes what a sandbox has on disk.</summary>
internal static class SandboxRemoval
{
    private static readonly string[] Kept = [SandboxFiles.VisorLog, SandboxFiles.VmmLog, SandboxFiles.VisorState];

    /// <summary>Removes the directory, or everything in it but the logs and the recorded reason. What cannot be removed stays.</summary>
    public static void Remove(string directory, bool everything)
    {
        try
        {
            if (everything)
            {
                Directory.Delete(directory, recursive: true);
                return;
            }

            foreach (string entry in Directory.EnumerateFileSystemEntries(directory))
            {
                if (Kept.Contains(Path.GetFileName(entry)))
                {
                    continue;
                }

                if (Directory.Exists(entry) && new FileInfo(entry).LinkTarget is null)
                {
                    Directory.Delete(entry, recursive: true);
                }
                else
                {
                    File.Delete(entry);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Removed by someone else meanwhile, or held: the next stop tries again.
        }
    }
}
