using Pavise.Workloads;

namespace Pavise.Eval.Kubernetes;

/// <summary>The node installer's DaemonSet, run by the real kubelet on the root of a second node (eval/kubernetes/node-root).</summary>
internal sealed class InstallerDemonstration(Cluster cluster)
{
    private const string Namespace = "pavise-system";

    private string Root => Path.Combine(cluster.State, "node", "root");

    private string Configuration => Path.Combine(Root, "etc/containerd/config.toml");

    private string Original => Path.Combine(cluster.State, "node", "original.toml");

    /// <summary>Runs all steps.</summary>
    public async Task RunAsync(Steps steps)
    {
        try
        {
            await NodeRootAsync("up");
            await steps.RunAsync("the installer's image", ImageAsync);
            if (await steps.RunAsync("the installer's DaemonSet becomes Ready", () => RollOutAsync("installer", "deploy/overlays/tcg")))
            {
                await steps.RunAsync("the node has programs and guest images, and its containerd the runtime", InstalledAsync);
            }

            await cluster.KubectlAsync("delete", "daemonset", "--all", "-n", Namespace, "--wait=true", "--timeout=60s");
            await steps.RunAsync("the uninstaller's DaemonSet becomes Ready", () => RollOutAsync("uninstaller", "deploy/uninstall"));
            await steps.RunAsync("the node is as it was", UninstalledAsync);
        }
        finally
        {
            await cluster.KubectlAsync("delete", "namespace", Namespace, "--wait=true", "--timeout=90s", "--ignore-not-found");
            await NodeRootAsync("down");
        }
    }

    private async Task NodeRootAsync(string what) => (await Command.RunAsync(Path.Combine(cluster.Repository, "eval/kubernetes/node-root"), [what])).OrThrow($"node-root {what}");

    private async Task<string> ImageAsync()
    {
        string archive = await ClusterImages.BuildInstallerAsync(cluster.Images, Path.Combine(cluster.Repository, "out"));
        return await cluster.CtrAsync("images", "import", "--base-name", ClusterImages.Installer, archive);
    }

    private async Task<string> RollOutAsync(string name, string folder)
    {
        // What a user writes: the overlay with an image; and, here only, another node's root and socket.
        string own = Path.Combine(cluster.Folder, name);
        Directory.CreateDirectory(own);
        await File.WriteAllTextAsync(Path.Combine(own, "kustomization.yaml"), $$"""
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            resources: [{{Path.GetRelativePath(own, Path.Combine(cluster.Repository, folder))}}]
            images: [{ name: pavise-installer, newName: {{ClusterImages.Installer}}, newTag: "1" }]
            patches:
              - target: { kind: DaemonSet }
                patch: |
                  - { op: replace, path: /spec/template/spec/volumes/0/hostPath/path, value: "{{Root}}" }
                  - { op: add, path: /spec/template/spec/initContainers/0/args/-, value: "--socket=/var/lib/node-containerd/c.sock" }
            """);
        await cluster.DoAsync("apply", "--validate=false", "-k", own);
        CommandResult result = await cluster.KubectlAsync("-n", Namespace, "rollout", "status", $"daemonset/pavise-{name}", "--timeout=120s");
        string log = (await cluster.KubectlAsync("-n", Namespace, "logs", "-l", $"app.kubernetes.io/name=pavise-{name}", "-c", name[..^2], "--tail=30")).Both;
        return result.ExitCode == 0 ? log : throw new InvalidOperationException($"{result.Both}\n{log}\n{(await cluster.KubectlAsync("-n", Namespace, "get", "events", "-o", "custom-columns=R:.reason,M:.message")).Both}");
    }

    private async Task<string> InstalledAsync()
    {
        string text = await File.ReadAllTextAsync(Configuration);
        if (!text.StartsWith(await File.ReadAllTextAsync(Original), StringComparison.Ordinal) || !text.Contains("runtimes.pavise]", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"containerd's configuration is: {text}");
        }

        foreach (string file in new[] { "usr/local/bin/pavise-runtime", "usr/local/bin/containerd-shim-pavise-v2", "usr/share/pavise/guest/development/vmlinuz", "etc/pavise/config.toml" }.Where(f => !File.Exists(Path.Combine(Root, f))))
        {
            throw new InvalidOperationException($"the node has no /{file}");
        }

        // That containerd ended with the installer's container, in which this root's systemctl ran; what it read it reads again.
        string dump = (await Command.RunAsync("chroot", [Root, "containerd", "config", "dump"])).OrThrow("containerd config dump").Output;
        return dump.Split('\n').FirstOrDefault(l => l.Contains("io.containerd.pavise.v2", StringComparison.Ordinal))?.Trim() ?? throw new InvalidOperationException($"containerd knows no runtime pavise: {dump}");
    }

    private async Task<string> UninstalledAsync()
    {
        if (await File.ReadAllTextAsync(Configuration) != await File.ReadAllTextAsync(Original))
        {
            throw new InvalidOperationException($"containerd's configuration is: {await File.ReadAllTextAsync(Configuration)}");
        }

        string[] left = [.. new[] { "usr/local/bin/pavise-runtime", "usr/local/bin/containerd-shim-pavise-v2", "usr/share/pavise", "etc/pavise", "var/lib/pavise/install.json" }.Where(f => Path.Exists(Path.Combine(Root, f)))];
        return left.Length == 0 ? "containerd's configuration byte for byte, no program, no guest image, no record" : throw new InvalidOperationException($"left: {string.Join(' ', left)}");
    }
}
