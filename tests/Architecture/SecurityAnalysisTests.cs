using System.Text.RegularExpressions;

namespace Pavise.Architecture.Tests;

/// <summary>The security analysis names what is there and nothing that is gone.</summary>
public sealed partial class SecurityAnalysisTests
{
    private const string Folder = "docs/security-analysis";
    private const string Surface = $"{Folder}/surface.md";

    private static readonly string Findings = Repository.Read($"{Folder}/findings.md");

    [Fact]
    public void Every_decision_point_has_a_row_and_every_row_is_a_decision_point()
    {
        string source = Repository.Read("src/Policy/DecisionPoint.cs");
        Same(Member().Matches(source).Select(m => m.Groups[1].Value), Rows("## Decision points", Surface), "decision point");
    }

    [Fact]
    public void Every_method_of_the_guest_api_has_a_row_that_leads_to_a_decision_point()
    {
        string source = Repository.Read("src/Boundary/Protos/guest.proto");
        Same(Method().Matches(source).Select(m => m.Groups[1].Value), Rows("## Methods of the guest API", Surface), "method of the guest API");
        Assert.Subset(Rows("## Decision points", Surface).ToHashSet(), Rows("## Methods of the guest API", Surface, column: 2).ToHashSet());
    }

    [Fact]
    public void Every_host_call_type_and_every_port_has_a_row()
    {
        string[] types = [.. Repository.Files("src/Boundary/HostCalls", "*.cs").SelectMany(f => PublicType().Matches(Repository.Read(f)).Select(m => m.Groups[1].Value)).Distinct()];
        string[] ports = [.. Port().Matches(Repository.Read("src/Boundary/BoundaryPorts.cs")).Select(m => m.Groups[1].Value).Where(p => !p.EndsWith("Cid", StringComparison.Ordinal))];
        Assert.NotEmpty(types);
        Assert.NotEmpty(ports);
        Same(types.Concat(ports), Rows("## Host calls and ports", Surface), "host call type or port");
    }

    [Fact]
    public void Every_finding_has_one_row_and_every_id_that_is_written_is_a_finding()
    {
        string[] defined = [.. Definition().Matches(Findings.Split("## Debt")[0]).Select(m => m.Groups[1].Value)];
        Assert.NotEmpty(defined);
        Assert.Equal(defined.Distinct(), defined);
        HashSet<string> known = [.. defined];
        List<string> unknown = [];
        HashSet<string> used = [];
        foreach (string page in Repository.Files(Folder, "*.md"))
        {
            foreach (Match id in FindingId().Matches(Repository.Read(page)))
            {
                (known.Contains(id.Value) ? used : (ICollection<string>)unknown).Add(known.Contains(id.Value) ? id.Value : $"{page}: {id.Value}");
            }
        }

        Assert.Empty(unknown);
        Assert.Empty(known.Except(used));
    }

    [Fact]
    public void Every_test_that_a_page_names_exists()
    {
        Dictionary<string, string> tests = Repository.Files("tests", "*.cs").GroupBy(f => Path.GetFileNameWithoutExtension(f)).ToDictionary(g => g.Key, g => string.Concat(g.Select(Repository.Read)));
        List<string> missing = [];
        int named = 0;
        foreach (string page in Repository.Files(Folder, "*.md"))
        {
            foreach (Match test in NamedTest().Matches(Repository.Read(page)))
            {
                named++;
                if (!tests.TryGetValue(test.Groups[1].Value, out string? source) || !source.Contains($" {test.Groups[2].Value}(", StringComparison.Ordinal))
                {
                    missing.Add($"{page}: {test.Groups[1].Value}.{test.Groups[2].Value}");
                }
            }
        }

        Assert.Empty(missing);
        Assert.NotEqual(0, named);
    }

    [Fact]
    public void Every_rule_that_a_page_names_stands_in_the_table_of_decision_points()
    {
        string table = Repository.Read("docs/decision-points.md");
        string points = string.Join('|', Rows("## Decision points", Surface));
        Regex rule = new($@"`((?:{points})\.[a-z][A-Za-z]*)`", RegexOptions.None, TimeSpan.FromSeconds(10));
        string[] named = [.. Repository.Files(Folder, "*.md").SelectMany(p => rule.Matches(Repository.Read(p)).Select(m => m.Groups[1].Value)).Distinct()];
        Assert.NotEmpty(named);
        Assert.Empty(named.Where(r => !table.Contains($"`{r}`", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_file_of_this_repository_that_a_page_names_exists()
    {
        Assert.Empty(Repository.Files(Folder, "*.md").SelectMany(p => OwnPath().Matches(Repository.Read(p)).Select(m => (Page: p, Path: m.Groups[1].Value)))
            .Where(n => !Path.Exists(Path.Combine(Repository.Root, n.Path))).Select(n => $"{n.Page}: {n.Path}"));
    }

    private static void Same(IEnumerable<string> code, IEnumerable<string> document, string what)
    {
        string[] inCode = [.. code], inDocument = [.. document];
        Assert.True(inDocument.Distinct().Count() == inDocument.Length, $"{Surface} names a {what} twice");
        Assert.True(!inCode.Except(inDocument).Any(), $"{Surface} has no row for the {what} {string.Join(", ", inCode.Except(inDocument))}: write one that says what an attacker wants of it");
        Assert.True(!inDocument.Except(inCode).Any(), $"{Surface} has a row for the {what} {string.Join(", ", inDocument.Except(inCode))}, which is gone");
    }

    /// <summary>The names in one column of the tables of a section.</summary>
    private static IEnumerable<string> Rows(string heading, string page, int column = 1)
    {
        string section = Repository.Read(page).Split(heading + "\n")[1].Split("\n## ")[0];
        return section.Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split('|')[column].Trim().Trim('`'));
    }

    [GeneratedRegex(@"^    ([A-Z][A-Za-z]+),$", RegexOptions.Multiline)]
    private static partial Regex Member();

    [GeneratedRegex(@"^\s*rpc ([A-Za-z]+)\(", RegexOptions.Multiline)]
    private static partial Regex Method();

    [GeneratedRegex(@"^public (?:static |sealed |abstract |readonly |partial )*(?:record struct|record class|record|class|struct|interface|enum) ([A-Za-z]+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"public const uint ([A-Za-z]+) =")]
    private static partial Regex Port();

    [GeneratedRegex(@"^\| ((?:QH|QM|OCI|CC|PV)-\d\d) \|", RegexOptions.Multiline)]
    private static partial Regex Definition();

    [GeneratedRegex(@"\b(?:QH|QM|OCI|CC|PV)-\d+\b")]
    private static partial Regex FindingId();

    [GeneratedRegex(@"`([A-Z][A-Za-z]*(?:Tests)?)\.([A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+)`")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"`((?:src|tests|docs|eval)/[A-Za-z0-9_./-]+)`")]
    private static partial Regex OwnPath();
}
