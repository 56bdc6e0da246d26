namespace Pavise.Architecture.Tests;

public sealed class TrustDomains
{
    /// <summary>What each project may reach, directly or not. The same table stands in CONTRIBUTING.md.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Pavise.Policy"] = [],
        ["Pavise.Attestation"] = [],
        ["Pavise.Collateral"] = ["Pavise.Attestation"],
        ["Pavise.Verity"] = [],
        ["Pavise.Session"] = ["Pavise.Policy"],
        ["Pavise.Boundary"] = [],
        ["Pavise.Images.Interop"] = [],
        ["Pavise.Images"] = ["Pavise.Images.Interop", "Pavise.Verity"],
        ["Pavise.Guest.Interop"] = [],
        ["Pavise.Host.Interop"] = [],
        ["Pavise.Guest"] = ["Pavise.Guest.Interop", "Pavise.Boundary", "Pavise.Policy", "Pavise.Attestation", "Pavise.Verity", "Pavise.Session"],
        ["Pavise.Host"] = ["Pavise.Host.Interop", "Pavise.Boundary", "Pavise.Images", "Pavise.Images.Interop", "Pavise.Verity"],
        ["Pavise.Runtime"] = ["Pavise.Host", "Pavise.Host.Interop", "Pavise.Boundary", "Pavise.Images", "Pavise.Images.Interop", "Pavise.Verity"],
        ["Pavise.KeyBroker"] = ["Pavise.Policy", "Pavise.Attestation", "Pavise.Collateral", "Pavise.Session"],
        ["Pavise.Owner"] = ["Pavise.Policy", "Pavise.Attestation", "Pavise.Collateral", "Pavise.Images", "Pavise.Images.Interop", "Pavise.Verity", "Pavise.Session"],
        ["Pavise.Shim"] = ["Pavise.Host", "Pavise.Host.Interop", "Pavise.Boundary", "Pavise.Images", "Pavise.Images.Interop", "Pavise.Verity"],
    };

    /// <summary>Third-party packages inside the trusted computing base, each with its reason.</summary>
    private static readonly Dictionary<string, string> GuestPackages = new()
    {
        ["Google.Protobuf"] = "messages of the guest API and ttrpc: a maintained parser with limits, no reflection at run time",
    };

    public static TheoryData<string> AllProjects => [.. Repository.Projects];

    [Theory]
    [MemberData(nameof(AllProjects))]
    public void A_project_reaches_only_the_trust_domains_that_it_may(string project)
    {
        string name = Path.GetFileNameWithoutExtension(project);
        Assert.True(Allowed.ContainsKey(name), $"{project} is not in the table of allowed references");
        Assert.Empty(Assets.Of(project).Projects.Except(Allowed[name]));
    }

    [Fact]
    public void Every_row_of_the_table_is_a_project()
    {
        IEnumerable<string> existing = Repository.Projects.Select(p => Path.GetFileNameWithoutExtension(p)!);
        Assert.Equal(Allowed.Keys.Order(), existing.Order());
    }

    [Fact]
    public void The_guest_contains_exactly_the_packages_that_are_justified()
    {
        Assert.Equal(GuestPackages.Keys.Order(), Assets.Of("src/Guest/Pavise.Guest.csproj").Packages.Order());
    }

    [Fact]
    public void Guest_sources_never_name_the_host()
    {
        Assert.Empty(Repository.Files("src/Guest", "*.cs").Where(f => Repository.Read(f).Contains("Pavise.Host", StringComparison.Ordinal)));
    }

    [Fact]
    public void Host_sources_never_name_the_guest_or_the_policy_engine()
    {
        Assert.Empty(Repository.Files("src/Host", "*.cs").Where(f =>
            Repository.Read(f) is var text && (text.Contains("using Pavise.Guest", StringComparison.Ordinal) || text.Contains("using Pavise.Policy", StringComparison.Ordinal))));
    }
}
