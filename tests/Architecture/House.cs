using System.Text.RegularExpressions;

namespace Pavise.Architecture.Tests;

public sealed partial class House
{
    private static readonly string[] Domains = ["src", "tests", "eval"];

    private static IEnumerable<string> Sources => Domains.SelectMany(d => Repository.Files(d, "*.cs"));

    [Fact]
    public void Unsafe_code_and_platform_calls_live_in_the_interop_projects_only()
    {
        Assert.Empty(Repository.Files("src", "*.cs")
            .Where(f => !f.Contains("/Interop/", StringComparison.Ordinal))
            .Where(f => UnsafeOrImport().IsMatch(Repository.Read(f))));
        Assert.Equal(
            ["src/Guest/Interop/Pavise.Guest.Interop.csproj", "src/Host/Interop/Pavise.Host.Interop.csproj", "src/Images/Interop/Pavise.Images.Interop.csproj"],
            Repository.Projects.Where(p => Repository.Read(p).Contains("<AllowUnsafeBlocks>true", StringComparison.Ordinal)));
    }

    [Fact]
    public void Each_unsafe_block_says_why_it_is_safe()
    {
        List<string> silent = [];
        foreach (string file in Repository.Files("src", "*.cs"))
        {
            string[] lines = Repository.Read(file).Split('\n');
            for (int i = 0; i < lines.Length; i++)
            {
                if (UnsafeKeyword().IsMatch(lines[i]) && !Enumerable.Range(Math.Max(0, i - 6), Math.Min(i, 6)).Any(j => lines[j].Contains("SAFETY:", StringComparison.Ordinal)))
                {
                    silent.Add($"{file}:{i + 1}");
                }
            }
        }

        Assert.Empty(silent);
    }

    [Fact]
    public void The_roots_that_are_believed_are_the_vendors_and_no_program_can_name_others()
    {
        Assert.Empty(Repository.Files("src", "*.cs").Where(f => Repository.Read(f).Contains("PinnedRoots", StringComparison.Ordinal) && f.Split('/')[1] is not ("Attestation" or "Collateral")));
        Assert.Empty(Repository.Files("src", "*.cs").Where(f => NewRoots().IsMatch(Repository.Read(f)) && !f.EndsWith("/PinnedRoots.cs", StringComparison.Ordinal)));
    }

    [Fact]
    public void No_file_is_longer_than_500_lines()
    {
        Assert.Empty(Sources.Where(f => File.ReadLines(Path.Combine(Repository.Root, f)).Count() > 500));
    }

    [Fact]
    public void No_source_folder_holds_more_than_20_files()
    {
        Assert.Empty(Repository.Files("src", "*.cs").GroupBy(Path.GetDirectoryName).Where(g => g.Count() > 20).Select(g => $"{g.Key}: {g.Count()}"));
    }

    [Fact]
    public void No_suppression_is_blanket()
    {
        Assert.Empty(Sources.Where(f => BlanketSuppression().IsMatch(Repository.Read(f))));
    }

    [Fact]
    public void Links_of_the_documents_lead_somewhere()
    {
        List<string> broken = [];
        IEnumerable<string> documents = Repository.Files("docs", "*.md").Concat(["README.md", "CONTRIBUTING.md"]);
        foreach (string document in documents)
        {
            string folder = Path.GetDirectoryName(document)!;
            foreach (Match link in MarkdownLink().Matches(Repository.Read(document)))
            {
                string target = link.Groups[1].Value.Split('#')[0];
                if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(Repository.Root, folder, target)))
                {
                    broken.Add($"{document}: {target}");
                }
            }
        }

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_project_has_a_lock_file()
    {
        Assert.Empty(Domains.SelectMany(d => Repository.Files(d, "*.csproj")).Where(p => !File.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(p)!, "packages.lock.json"))));
    }

    [GeneratedRegex(@"new\s+PinnedRoots|PinnedRoots\s+\w+\s*=\s*new|Vendors\s+with")]
    private static partial Regex NewRoots();

    [GeneratedRegex(@"\[LibraryImport|\[DllImport|\bunsafe\b(?!.*//)", RegexOptions.Multiline)]
    private static partial Regex UnsafeOrImport();

    [GeneratedRegex(@"^\s*(?!//)[^""]*\bunsafe\b(?!\s*(partial|class|struct))")]
    private static partial Regex UnsafeKeyword();

    [GeneratedRegex(@"#pragma warning disable\s*$|SuppressMessage\(""[^""]*"",\s*""\*""", RegexOptions.Multiline)]
    private static partial Regex BlanketSuppression();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex MarkdownLink();
}
