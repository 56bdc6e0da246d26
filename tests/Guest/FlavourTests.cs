using System.Text;

namespace Pavise.Guest.Tests;

/// <summary>What the production flavour must not be able to do is not in its program at all.</summary>
public sealed class FlavourTests
{
    /// <summary>Text and type names of what exists for development only.</summary>
    public static TheoryData<string> DevelopmentOnly => ["SimulatedEvidence", "UnshieldedConfig", "UnixTransport", "ProcessImages", "ErofsUnpacker"];

    [Theory]
    [MemberData(nameof(DevelopmentOnly))]
    public void The_production_program_has_no_trace_of_what_only_development_may_do(string marker)
    {
        string? folder = Programs();
        Assert.SkipWhen(folder is null, "out/bin has no pavise-guest-production: ./build makes it");
        Assert.False(Holds(Path.Combine(folder!, "pavise-guest-production"), marker), $"pavise-guest-production holds {marker}");
    }

    [Theory]
    [MemberData(nameof(DevelopmentOnly))]
    public void The_same_search_finds_it_in_the_development_program(string marker)
    {
        string? folder = Programs();
        Assert.SkipWhen(folder is null, "out/bin has no pavise-guest-production: ./build makes it");
        Assert.True(Holds(Path.Combine(folder!, "pavise-guest"), marker), $"pavise-guest does not hold {marker}");
    }

    /// <summary>Literals are UTF-16 in a native program, names of types UTF-8 in its metadata.</summary>
    private static bool Holds(string file, string marker)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(file);
        return bytes.IndexOf(Encoding.Unicode.GetBytes(marker)) >= 0 || bytes.IndexOf(Encoding.UTF8.GetBytes(marker)) >= 0;
    }

    private static string? Programs()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string bin = Path.Combine(folder, "out", "bin");
            if (File.Exists(Path.Combine(bin, "pavise-guest-production")) && File.Exists(Path.Combine(bin, "pavise-guest")))
            {
                return bin;
            }
        }

        return null;
    }
}
