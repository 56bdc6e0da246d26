using k8s;
using k8s.Models;
using Pavise.Cri.Kubelet;
using Pavise.Cri.Node;
using Pavise.Workloads;

namespace Pavise.Eval.Examples;

/// <summary>
/// Runs one example: builds its images, generates, checks and annotates its policy, starts its pods on a node of their own, and tries the lines of
/// its file <c>try</c>: <c>ready CONTAINER</c>, <c>exec CONTAINER: words</c>, <c>refused CONTAINER: words</c>, <c>log CONTAINER: text</c>, <c>ends CONTAINER</c>, <c>again refused: text</c>.
/// </summary>
internal sealed class Trial(Example example, BuiltTree tree, string machine, string output, Steps steps)
{
    private string Pavise => Path.Combine(tree.Programs, "pavise");

    public async Task RunAsync()
    {
        Directory.CreateDirectory(output);
        await using Broker? broker = example.Lines("secrets").Count > 0 ? await Broker.StartAsync(Pavise) : null;
        await using ClusterNode node = await ClusterNode.StartAsync(tree, machine);
        foreach (IKubernetesObject<V1ObjectMeta> workload in example.Workloads)
        {
            string policy = Path.Combine(output, $"{workload.Metadata.Name}.policy.yaml"), annotated = Path.Combine(output, $"{workload.Metadata.Name}.yaml"), id = $"{workload.Kind}/{workload.Metadata.Name}";
            bool made = await steps.RunAsync($"{id}: policy generated, checked and written into the YAML", () => GenerateAsync(node, broker, workload, id, policy, annotated));
            string pod = made ? example.Pod(await File.ReadAllTextAsync(annotated), workload) : "";
            if (!made || example.Lines("try").Count == 0)
            {
                continue;
            }

            Pod? running = null;
            await steps.RunAsync($"{id}: the pod starts in a pVM ({machine})", async () =>
            {
                try
                {
                    running = await node.Kubelet.RunAsync(pod);
                    return "its containers were started";
                }
                catch (PodException e)
                {
                    throw new InvalidOperationException(e.Message, e);
                }
            });
            if (running is not null)
            {
                await using Pod owned = running;
                foreach (string line in example.Lines("try").Where(l => !l.StartsWith("again ", StringComparison.Ordinal)))
                {
                    await steps.RunAsync(line, () => TryAsync(owned, line));
                }
            }

            foreach (string line in example.Lines("try").Where(l => l.StartsWith("again refused: ", StringComparison.Ordinal)))
            {
                await steps.RunAsync(line, () => AgainAsync(node, pod, line["again refused: ".Length..]));
            }
        }
    }

    private async Task<string> GenerateAsync(ClusterNode node, Broker? broker, IKubernetesObject<V1ObjectMeta> workload, string id, string policy, string annotated)
    {
        V1PodSpec spec = Example.Template(workload)!.Spec;
        List<string> arguments = ["policy", "generate", example.Yaml, "--workload", id, "-o", policy, "--tee", "sim", .. example.Lines("options").SelectMany(l => l.Split(' '))];
        foreach (string reference in (spec.InitContainers ?? []).Concat(spec.Containers).Select(c => c.Image).Distinct())
        {
            string layout = await ExampleImages.BuildAsync(reference, Path.Combine(tree.Cache, "examples"));
            arguments.AddRange(["--image", $"{reference}={layout}"]);
            await node.Containerd.ImportAsync(layout, reference.Split(':')[0]);
        }

        if (broker is not null)
        {
            arguments.AddRange(["--key-broker", broker.Url, "--key-broker-key", broker.Key]);
        }

        string warnings = (await Command.RunAsync(Pavise, arguments)).OrThrow("pavise policy generate").Error;
        (await Command.RunAsync(Pavise, ["policy", "check", policy])).OrThrow("pavise policy check");
        (await Command.RunAsync(Pavise, ["policy", "annotate", policy, example.Yaml, "--workload", id, "-o", annotated])).OrThrow("pavise policy annotate");
        foreach (string[] words in example.Lines("secrets").Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            await broker!.PutAsync(words[0], words[1], policy, words[2..]);
        }

        return $"{policy}\n{warnings.Trim()}";
    }

    private static async Task<string> TryAsync(Pod pod, string line)
    {
        string[] parts = line.Split(": ", 2), head = parts[0].Split(' ');
        switch (head[0])
        {
            case "ready":
                for (int i = 0; i < 60; i++)
                {
                    if (await pod.ProbeAsync(head[1], c => c.ReadinessProbe))
                    {
                        return "the readiness probe succeeds";
                    }

                    await Task.Delay(1000);
                }

                throw new InvalidOperationException("the readiness probe did not succeed within a minute");
            case "exec":
                ExecResult ran = await pod.ExecAsync(head[1], parts[1].Split(' '));
                return ran.ExitCode == 0 ? ran.Output.Trim() : throw new InvalidOperationException($"status {ran.ExitCode}: {ran.Error}");
            case "refused":
                try
                {
                    await pod.ExecAsync(head[1], parts[1].Split(' '));
                }
                catch (Grpc.Core.RpcException e) when (e.Status.Detail.Contains("refused by the owner's policy", StringComparison.Ordinal))
                {
                    return e.Status.Detail;
                }

                throw new InvalidOperationException("it was not refused");
            case "log":
                await pod.WaitForLogAsync(head[1], parts[1]);
                return parts[1];
            case "ends":
                PodStatus status = await pod.WaitUntilAsync(s => s.Containers.TryGetValue(head[1], out Cri.V1.ContainerStatus? c) && c.State == Cri.V1.ContainerState.ContainerExited);
                int code = status.Containers[head[1]].ExitCode;
                return code == 0 ? "with success" : throw new InvalidOperationException($"with status {code}");
            default:
                throw new InvalidOperationException($"'{line}' is not known");
        }
    }

    private static async Task<string> AgainAsync(ClusterNode node, string pod, string text)
    {
        try
        {
            await (await node.Kubelet.RunAsync(pod)).DisposeAsync();
        }
        catch (PodException e)
        {
            return e.Message.Contains(text, StringComparison.Ordinal) ? e.Message : throw new InvalidOperationException($"it was refused for another reason: {e.Message}", e);
        }

        throw new InvalidOperationException("a second launch was not refused");
    }
}
