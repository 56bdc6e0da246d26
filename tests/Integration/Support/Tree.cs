[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Pavise.Integration.Tests.Support;

/// <summary>The built tree: programs, guest images, and a folder for what tests make.</summary>
internal static class Tree
{
    public static string Root { get; } = FindRoot();

    public static string Bin(string program) => Path.Combine(Root, "out", "bin", program);

    public static string Guest(string flavour) => Path.Combine(Root, "out", "guest", flavour);

    /// <summary>Kept between runs: downloaded packages, images.</summary>
    public static string Cache { get; } = Directory.CreateDirectory(Path.Combine(Root, "out", "integration")).FullName;

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Pavise.slnx")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException("Pavise.slnx is in no parent folder of the tests");
    }

    /// <summary>A file that others may be writing, a byte a character; empty where it cannot be read.</summary>
    public static async Task<string> TextAsync(string file)
    {
        try
        {
            await using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using StreamReader reader = new(stream, System.Text.Encoding.Latin1);
            return await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
