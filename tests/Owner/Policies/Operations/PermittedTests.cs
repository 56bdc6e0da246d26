using System.Text.Json.Nodes;
using Pavise.Owner.Policies.Operations;
using Pavise.Owner.Tests.Support;
using Pavise.Policy;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;

namespace Pavise.Owner.Tests.Policies.Operations;

public sealed class PermittedTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-permitted-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_decision_point_has_an_operation_and_the_engine_gives_each_the_answer_that_is_listed()
    {
        PolicyDocument policy = Samples.Wide();
        IReadOnlyList<Operation> all = [.. Inventory.Of(policy, new(policy))];
        Assert.Equal(Enum.GetValues<DecisionPoint>(), all.Select(o => o.Point).Distinct().Order());
        Assert.All(all, o => Assert.Equal(PolicyEngine.Decide(policy, o.State!, o.Request!).IsPermitted, o.Permitted));
        Assert.All(all.Where(o => !o.Permitted), o => Assert.NotEmpty(o.Effect));
        Assert.Empty(all.GroupBy(o => (o.Key, o.Permitted)).Where(g => g.Select(o => o.Permitted).Distinct().Count() > 1));
    }

    [Fact]
    public void What_one_line_permits_is_refused_without_it()
    {
        foreach ((string part, string instead, DecisionPoint point, string what) in new[]
        {
            ("signals: [TERM, KILL]", "signals: [KILL]", DecisionPoint.SignalProcess, "TERM"),
            ("stdout: host", "stdout: none", DecisionPoint.OpenStream, "stdout"),
            ("stats: coarse", "stats: none", DecisionPoint.ReadStats, "resource use"),
            ("processes: names", "processes: none", DecisionPoint.ListProcesses, "processes"),
            ("pause: allow", "pause: refuse", DecisionPoint.PauseContainer, "freeze"),
            ("tees: [snp, sim]", "tees: [snp]", DecisionPoint.Bind, "with evidence of sim"),
            ("restarts: { max: 2 }", "restarts: { max: 1 }", DecisionPoint.CreateContainer, "for time number 3 in one boot"),
        })
        {
            Assert.True(Find(Samples.Yaml, point, what), part);
            Assert.False(Find(Samples.Yaml.Replace(part, instead, StringComparison.Ordinal), point, what), part);
        }
    }

    [Fact]
    public async Task It_is_a_table_for_people_JSON_for_programs_and_Markdown_for_documents()
    {
        string file = Samples.Write(folder, Samples.Yaml);
        (int code, string table, _) = await PaviseCommand.RunAsync("policy", "permitted", file);
        Assert.Equal(0, code);
        Assert.StartsWith("ANSWER", table, StringComparison.Ordinal);
        JsonArray json = JsonNode.Parse((await PaviseCommand.RunAsync("policy", "permitted", file, "--format", "json")).Output)!.AsArray();
        Assert.Contains(json, o => (string)o!["point"]! == "SignalProcess" && (string)o["operation"]! == "HUP" && (string)o["answer"]! == "refused" && (string)o["rule"]! == "containers[main].signals");
        Assert.StartsWith("| answer | point |", (await PaviseCommand.RunAsync("policy", "permitted", file, "-f", "markdown", "--only-permitted")).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await PaviseCommand.RunAsync("policy", "permitted", file, "-f", "xml")).Code);
    }

    [Fact]
    public async Task Exit_codes_of_diff_tell_the_same_wider_and_narrower_apart()
    {
        string one = Samples.Write(folder, Samples.Yaml), less = Samples.Write(folder, Samples.Yaml.Replace("signals: [TERM, KILL]", "signals: [KILL]", StringComparison.Ordinal));
        Assert.Equal(0, (await PaviseCommand.RunAsync("policy", "diff", one, one)).Code);
        Assert.Equal(1, (await PaviseCommand.RunAsync("policy", "diff", less, one)).Code);
        (int code, string output, _) = await PaviseCommand.RunAsync("policy", "diff", one, less, "-f", "json");
        Assert.Equal(4, code);
        Assert.Equal(["TERM"], JsonNode.Parse(output)!.AsArray().Select(d => (string)d!["operation"]!));
    }

    private static bool Find(string yaml, DecisionPoint point, string what)
    {
        PolicyDocument policy = Samples.Parse(yaml);
        return Inventory.Of(policy, new(Samples.Wide(), policy)).Single(o => o.Point == point && o.What == what && o.Subject is "main" or "" && o.Point == point && o.What == what).Permitted;
    }
}
