using System.Reflection;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Pavise.Attestation.Tests;

/// <summary>The recorded evidence as its description lists it: every file is what it says, every case and every file has its test.</summary>
public sealed partial class VectorCatalogueTests
{
    private static string[] Description()
    {
        Vectors.SkipWithout();
        return File.ReadAllLines(Path.Combine(Vectors.Folder!, "README.md"));
    }

    [Fact]
    public void Each_file_is_described_and_is_byte_for_byte_the_described_one()
    {
        Dictionary<string, string> described = Description().Select(l => FileRow().Match(l)).Where(m => m.Success).ToDictionary(m => m.Groups["file"].Value, m => m.Groups["hash"].Value);
        Assert.Equal(Files(), described.Keys.Order(StringComparer.Ordinal));
        Assert.All(described, d => Assert.Equal(d.Value, Convert.ToHexStringLower(SHA256.HashData(Vectors.Read(d.Key)))));
    }

    [Fact]
    public void Each_described_case_has_a_test_of_its_name()
    {
        string[] cases = [.. Description().Select(l => CaseRow().Match(l)).Where(m => m.Success).Select(m => m.Groups["case"].Value).Distinct()];
        Assert.Equal(21, cases.Length);
        string[] tests = [.. typeof(VectorCatalogueTests).Assembly.GetTypes().SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance))
            .Where(m => m.GetCustomAttributes().Any(a => a is FactAttribute)).Select(m => m.Name)];
        Assert.All(cases, c => Assert.Contains(tests, t => t.StartsWith(c + "_", StringComparison.Ordinal)));
    }

    [Fact]
    public void Each_file_is_read_by_a_test()
    {
        Description();
        string root = Root();
        string[] sources = [.. Directory.EnumerateFiles(Path.Combine(root, "tests"), "*.cs", SearchOption.AllDirectories).Where(f => !f.EndsWith("VectorCatalogueTests.cs", StringComparison.Ordinal)).Select(File.ReadAllText)];

        // Three chains of roots are named by their generation.
        Assert.All(Files(), f => Assert.Contains(sources, s => s.Contains(f.Contains("_ask_ark_asvk", StringComparison.Ordinal) ? $"\"{Path.GetFileName(f).Split('_')[0]}\"" : Path.GetFileName(f), StringComparison.Ordinal)));
    }

    private static string[] Files() =>
    [
        .. Directory.EnumerateFiles(Vectors.Folder!, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Vectors.Folder!, f))
            .Where(f => f != "README.md" && !f.StartsWith("LICENSES/", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Pavise.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    [GeneratedRegex(@"^\| `(?<file>(?:snp|tdx|measurement|initdata)/[^`]+)` \|.*\| `(?<hash>[0-9a-f]{64})` \|$")]
    private static partial Regex FileRow();

    [GeneratedRegex(@"^\| (?<case>[ST][0-9]+) \|")]
    private static partial Regex CaseRow();
}
