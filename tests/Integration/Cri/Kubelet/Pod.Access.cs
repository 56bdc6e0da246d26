using System.Text;
using k8s.Models;
using Pavise.Cri.Logs;
using Pavise.Cri.Node;
using Pavise.Cri.V1;

namespace Pavise.Cri.Kubelet;

/// <summary>What a program that a probe or a user ran in a container answered.</summary>
public sealed record ExecResult(int ExitCode, string Output, string Error);

/// <summary>Exec, probes, logs, statistics.</summary>
public sealed partial class Pod
{
    /// <summary>Runs a program to its end, as probes and hooks do.</summary>
    /// <exception cref="Grpc.Core.RpcException">The runtime refused.</exception>
    public async Task<ExecResult> ExecAsync(string container, params string[] command)
    {
        ExecSyncRequest request = new() { ContainerId = (await ContainerAsync(container)).Id, Timeout = 30 };
        request.Cmd.Add(command);
        ExecSyncResponse answer = await Runtime.ExecSyncAsync(request, deadline: DateTime.UtcNow.AddSeconds(45));
        return new(answer.ExitCode, answer.Stdout.ToStringUtf8(), answer.Stderr.ToStringUtf8());
    }

    /// <summary>Runs a container's probe once: an exec that exits with 0 in time is a success.</summary>
    /// <param name="container">Its name.</param>
    /// <param name="which">Readiness, liveness or startup probe of the container.</param>
    public async Task<bool> ProbeAsync(string container, Func<V1Container, V1Probe> which)
    {
        V1Probe probe = which(manifest.Pod.Spec.Containers.First(c => c.Name == container));
        ExecSyncRequest request = new() { ContainerId = (await ContainerAsync(container)).Id, Timeout = probe.TimeoutSeconds ?? 1 };
        request.Cmd.Add(probe.Exec.Command);
        try
        {
            ExecSyncResponse answer = await Runtime.ExecSyncAsync(request);
            if (answer.ExitCode != 0)
            {
                Record("Unhealthy", $"probe of {container} failed: {answer.Stdout.ToStringUtf8()}{answer.Stderr.ToStringUtf8()}");
            }

            return answer.ExitCode == 0;
        }
        catch (Grpc.Core.RpcException e)
        {
            Record("Unhealthy", $"probe of {container} errored: {Detail(e)}");
            return false;
        }
    }

    /// <summary>The entries of the log of a container's newest attempt, or of an older one.</summary>
    public async Task<IReadOnlyList<LogLine>> LogLinesAsync(string container, uint? attempt = null) =>
        CriLog.Read(Path.Combine(LogFolder, ContainerConfigs.LogPath(container, attempt ?? (await ContainerAsync(container)).Metadata.Attempt)));

    /// <summary>What <c>kubectl logs</c> prints.</summary>
    public async Task<string> LogsAsync(string container, uint? attempt = null) => CriLog.Text(await LogLinesAsync(container, attempt));

    /// <summary>Waits for a text in a container's log.</summary>
    public async Task WaitForLogAsync(string container, string text)
    {
        using CancellationTokenSource limit = new(Patience);
        while (!(await LogsAsync(container)).Contains(text, StringComparison.Ordinal))
        {
            if (limit.IsCancellationRequested)
            {
                throw new PodException("Timeout", $"'{text}' is not in the log of {container}: {await LogsAsync(container)}");
            }

            await Task.Delay(Pause);
        }
    }

    /// <summary>Moves a container's log away and has the runtime open a new one.</summary>
    public async Task RotateLogAsync(string container)
    {
        ContainerStatus status = await ContainerAsync(container);
        string log = Path.Combine(LogFolder, ContainerConfigs.LogPath(container, status.Metadata.Attempt));
        File.Move(log, $"{log}.{DateTime.UtcNow:yyyyMMdd-HHmmss}");
        await Runtime.ReopenContainerLogAsync(new() { ContainerId = status.Id });
    }

    /// <summary>CPU time and memory of a container.</summary>
    public async Task<ContainerStats> StatsAsync(string container) =>
        (await Runtime.ContainerStatsAsync(new() { ContainerId = (await ContainerAsync(container)).Id })).Stats;

    /// <summary>The processes of the node behind the pod.</summary>
    /// <exception cref="PodException">They do not run.</exception>
    public PodProcesses Processes() => kubelet.Observe(SandboxId!) ?? throw new PodException("NotFound", $"no shim runs for the sandbox {SandboxId}");

    /// <summary>What the container wrote as its last words.</summary>
    public async Task<string> TerminationMessageAsync(string container) => volumes.TerminationMessage(container, (await ContainerAsync(container)).Metadata.Attempt);
}
