using System.Diagnostics;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace Pavise.Deploy.Tests;

/// <summary>The files of <c>deploy/</c>, read as strictly as the API server does.</summary>
internal static class Manifests
{
    public static string Folder { get; } = Path.Combine(Root(), "deploy");

    /// <summary>Every manifest, and no kustomization and no policy, by its path below the folder.</summary>
    public static IEnumerable<string> Files => Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories)
        .Where(f => Path.GetFileName(f) is not ("kustomization.yaml" or "policy.yaml"))
        .Select(f => Path.GetRelativePath(Folder, f))
        .Order(StringComparer.Ordinal);

    /// <summary>Every folder with a kustomization.</summary>
    public static IEnumerable<string> Kustomizations => Directory.EnumerateFiles(Folder, "kustomization.yaml", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(Folder, Path.GetDirectoryName(f)!))
        .Order(StringComparer.Ordinal);

    /// <summary>The objects in YAML text; a field that Kubernetes does not know is an error.</summary>
    public static List<object> Parse(string yaml) => KubernetesYaml.LoadAllFromString(yaml, strict: true);

    /// <summary>The objects of a file.</summary>
    public static List<object> Read(string file) => Parse(File.ReadAllText(Path.Combine(Folder, file)));

    /// <summary>The only object of a type in a file.</summary>
    public static T One<T>(string file) => Read(file).OfType<T>().Single();

    /// <summary>What <c>kubectl kustomize</c> makes of a folder; the test is skipped where there is no kubectl that can.</summary>
    public static async Task<List<object>> BuildAsync(string folder)
    {
        (int status, string version) = await KubectlAsync("version", "--client", "-o", "json");
        Assert.SkipWhen(status != 0, "kubectl is not on this machine, so kustomize's output is not checked");
        // Kustomize in kubectl before 1.21 is of 2019 and knows no folders as resources.
        string minor = JsonDocument.Parse(version).RootElement.GetProperty("clientVersion").GetProperty("minor").GetString()!.TrimEnd('+');
        Assert.SkipWhen(int.Parse(minor) < 21, $"this kubectl is 1.{minor}; its kustomize is older than folders as resources");
        (status, string output) = await KubectlAsync("kustomize", Path.Combine(Folder, folder));
        Assert.True(status == 0, output);
        Assert.DoesNotContain("deprecated", output, StringComparison.OrdinalIgnoreCase);
        return Parse(output);
    }

    private static async Task<(int Status, string Output)> KubectlAsync(params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("kubectl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            string said = await error;
            return (process.ExitCode, process.ExitCode == 0 && !said.Contains("deprecated", StringComparison.OrdinalIgnoreCase) ? output : output + said);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "");
        }
    }

    private static string Root()
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
