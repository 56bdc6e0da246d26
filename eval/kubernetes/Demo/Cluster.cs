using Pavise.Workloads;

namespace Pavise.Eval.Kubernetes;

/// <summary>The running cluster as its user sees it, by kubectl, and as its node sees it, by ctr and /proc.</summary>
internal sealed class Cluster(string repository, string state, string kubectl)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(300);

    /// <summary>The repository.</summary>
    public string Repository => repository;

    /// <summary>The cluster's state folder.</summary>
    public string State => state;

    /// <summary>The images' folder.</summary>
    public string Images => Path.Combine(repository, "out", "kubernetes", "images");

    /// <summary>Folder of what the demonstration writes.</summary>
    public string Folder => Path.Combine(repository, "out", "kubernetes");

    /// <summary>Runs kubectl.</summary>
    public Task<CommandResult> KubectlAsync(params string[] arguments) => Command.RunAsync(kubectl, ["--kubeconfig", Path.Combine(state, "kubeconfig"), .. arguments], TimeSpan.FromMinutes(5));

    /// <summary>Runs kubectl; what it printed, or an exception when it failed.</summary>
    public async Task<string> DoAsync(params string[] arguments) => (await KubectlAsync(arguments)).OrThrow($"kubectl {string.Join(' ', arguments)}").Output.Trim();

    /// <summary>Writes a manifest and applies it.</summary>
    public async Task<string> ApplyAsync(string name, string manifest)
    {
        string file = Path.Combine(Folder, name + ".yaml");
        await File.WriteAllTextAsync(file, manifest);
        // The API server's own validation is what counts; kubectl may be much newer than it.
        return await DoAsync("apply", "--validate=false", "-f", file);
    }

    /// <summary>Runs <c>pavise</c>.</summary>
    public async Task<string> OwnerAsync(params string[] arguments) =>
        (await Command.RunAsync(Path.Combine(repository, "out", "bin", "pavise"), arguments)).OrThrow($"pavise {string.Join(' ', arguments)}").Output.Trim();

    /// <summary>Runs ctr in Kubernetes' namespace of the cluster's containerd.</summary>
    public async Task<string> CtrAsync(params string[] arguments) =>
        (await Command.RunAsync("ctr", ["--address", Path.Combine(state, "containerd.sock"), "--namespace", "k8s.io", .. arguments])).OrThrow($"ctr {string.Join(' ', arguments)}").Output.Trim();

    /// <summary>Names of the pods with a label.</summary>
    public async Task<string[]> PodsAsync(string label) =>
        (await DoAsync("get", "pods", "-l", label, "-o", "jsonpath={range .items[*]}{.metadata.name}{\"\\n\"}{end}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Looks until a condition holds: what it returned, or an exception with what was seen last.</summary>
    /// <param name="seconds">How long.</param>
    /// <param name="what">What is waited for.</param>
    /// <param name="look">Returns what it saw, and whether that is it.</param>
    public static async Task<string> UntilAsync(int seconds, string what, Func<Task<(bool Holds, string Seen)>> look)
    {
        string seen = "";
        for (long began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began).TotalSeconds < seconds; await Task.Delay(Look))
        {
            (bool holds, seen) = await look();
            if (holds)
            {
                return seen;
            }
        }

        throw new InvalidOperationException($"not within {seconds} s: {what}; seen last: {seen}");
    }
}
