using Pavise.Images;

namespace Pavise.Guest.Tests.ProcessMachine;

/// <summary>A root image with busybox and nothing else: not even mount points.</summary>
internal static class TestImage
{
    private static readonly string[] Applets = ["sh", "sleep", "cat", "echo", "ls", "id", "true", "stty", "touch", "mount", "head", "env", "grep", "kill", "test", "seq", "mkdir"];
    private static readonly Lazy<Task<(string Path, RootImageInfo Info)>> Built = new(BuildAsync);

    public static Task<(string Path, RootImageInfo Info)> GetAsync() => Built.Value;

    private static async Task<(string, RootImageInfo)> BuildAsync()
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory("pavise-root-");
        string image = Path.Combine(Path.GetTempPath(), $"pavise-{Guid.NewGuid():N}.img");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(image);
        try
        {
            root.UnixFileMode |= UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            foreach (string folder in new[] { "bin", "etc", "srv" })
            {
                root.CreateSubdirectory(folder);
            }

            File.Copy("/bin/busybox", Path.Combine(root.FullName, "bin/busybox"));
            foreach (string applet in Applets)
            {
                File.CreateSymbolicLink(Path.Combine(root.FullName, "bin", applet), "busybox");
            }

            File.CreateSymbolicLink(Path.Combine(root.FullName, "var"), "srv");
            using ImageSource source = ImageSource.FromDirectory(root.FullName);
            return (image, await RootImageBuilder.BuildAsync(source, image, default));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
