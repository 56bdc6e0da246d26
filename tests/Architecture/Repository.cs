namespace Pavise.Architecture.Tests;

/// <summary>The checked-out tree that these tests read.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string[] Projects { get; } = [.. Files("src", "*.csproj")];

    public static IEnumerable<string> Files(string folder, string pattern)
    {
        string path = Path.Combine(Root, folder);
        return Directory.Exists(path)
            ? Directory.EnumerateFiles(path, pattern, SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Root, f)).Order(StringComparer.Ordinal)
            : [];
    }

    public static string Read(string relative) => File.ReadAllText(Path.Combine(Root, relative));

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
}
