using Pavise.Workloads;

namespace Pavise.Integration.Tests.Support;

/// <summary>The owner's side: root hashes and policies by the <c>pavise</c> command.</summary>
internal static class Owner
{
    private static readonly Dictionary<string, string> Hashes = [];

    public static Task<CommandResult> PaviseAsync(params string[] arguments) => Command.RunAsync(Tree.Bin("pavise"), arguments);

    /// <summary>Root hash of an image or root folder, remembered for the run.</summary>
    public static async Task<string> RootHashAsync(string source)
    {
        if (!Hashes.TryGetValue(source, out string? hash))
        {
            hash = Hashes[source] = (await PaviseAsync("image", "hash", source)).OrThrow("pavise image hash").Output.Trim();
        }

        return hash;
    }

    /// <summary>The value of the annotation <c>dev.pavise.policy</c> for a policy in YAML.</summary>
    public static async Task<string> AnnotationAsync(string yaml)
    {
        string file = Path.GetTempFileName() + ".yaml";
        try
        {
            await File.WriteAllTextAsync(file, yaml);
            return (await PaviseAsync("policy", "annotation", file)).OrThrow("pavise policy annotation").Output.Trim();
        }
        finally
        {
            File.Delete(file);
        }
    }
}
