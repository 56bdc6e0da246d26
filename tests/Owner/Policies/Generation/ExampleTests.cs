using Pavise.Owner.Tests.Policies.Lints;
using Pavise.Owner.Tests.Support;

namespace Pavise.Owner.Tests.Policies.Generation;

/// <summary>The examples' files hold together; that they run is seen by examples/NAME/run.</summary>
public sealed class ExampleTests
{
    private static readonly string Folder = Path.Combine(LintTests.Root(), "examples");

    public static TheoryData<string, string> Policies =>
        new(Directory.EnumerateFiles(Folder, "*policy.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => (Path.GetFileName(Path.GetDirectoryName(f))!, Path.GetFileName(f))));

    [Fact]
    public void Each_example_has_YAML_a_policy_and_a_script()
    {
        string[] folders = [.. Directory.EnumerateDirectories(Folder)];
        Assert.True(folders.Length >= 5);
        Assert.All(folders, f =>
        {
            Assert.True(File.Exists(Path.Combine(f, $"{Path.GetFileName(f)}.yaml")));
            Assert.NotEmpty(Directory.EnumerateFiles(f, "*policy.yaml"));
            Assert.True(File.GetUnixFileMode(Path.Combine(f, "run")).HasFlag(UnixFileMode.UserExecute));
        });
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task A_policy_of_an_example_passes_the_check_and_goes_into_its_YAML(string name, string policy)
    {
        string path = Path.Combine(Folder, name, policy), workload = policy == "policy.yaml" ? "" : policy.Split('.')[0];
        (int code, _, string errors) = await PaviseCommand.RunAsync("policy", "check", path, "--allow", "placeholder");
        Assert.True(code == 0, errors);
        (code, string annotated, errors) = await PaviseCommand.RunAsync(["policy", "annotate", path, Path.Combine(Folder, name, $"{name}.yaml"), .. workload.Length > 0 ? new[] { "--workload", workload } : []]);
        Assert.True(code == 0, errors);
        Assert.Contains("dev.pavise.policy: ", annotated, StringComparison.Ordinal);
    }
}
