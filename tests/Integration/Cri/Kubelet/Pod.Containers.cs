using Grpc.Core;
using k8s.Models;
using Pavise.Cri.V1;

namespace Pavise.Cri.Kubelet;

/// <summary>Containers: image, create, start, hooks; ephemeral ones; limits.</summary>
public sealed partial class Pod
{
    /// <summary>Adds a container to the running pod, as <c>kubectl debug</c> does.</summary>
    /// <exception cref="PodException">The runtime refused.</exception>
    public Task AddEphemeralAsync(string name, string image, params string[] command)
    {
        V1Container container = new() { Name = name, Image = image, Command = command };
        PodManifest.ApplyDefaults(container);
        return StartContainerAsync(container, 0);
    }

    /// <summary>Changes the limits of a running container, as an in-place resize does.</summary>
    /// <exception cref="RpcException">The runtime refused.</exception>
    public async Task UpdateAsync(string name, LinuxContainerResources resources) =>
        await Runtime.UpdateContainerResourcesAsync(new() { ContainerId = (await ContainerAsync(name)).Id, Linux = resources });

    /// <summary>Creates a container without starting it.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="PodException">The image is missing, or the runtime refused.</exception>
    internal async Task<string> CreateContainerAsync(V1Container container, uint attempt)
    {
        Image image = (await kubelet.Containerd.Cri.Images.ImageStatusAsync(new() { Image = new() { Image = container.Image } })).Image
            ?? throw Failed("ErrImageNeverPull", $"Container image \"{container.Image}\" is not present with pull policy of Never");
        try
        {
            CreateContainerResponse created = await Runtime.CreateContainerAsync(new()
            {
                PodSandboxId = SandboxId,
                Config = ContainerConfigs.Of(manifest, container, attempt, image, podIp, volumes.MountsOf(container, attempt)),
                SandboxConfig = sandboxConfig,
            });
            Record("Created", $"Created container {container.Name}");
            return created.ContainerId;
        }
        catch (RpcException e)
        {
            throw Failed("CreateContainerError", Detail(e));
        }
    }

    private async Task StartContainerAsync(V1Container container, uint attempt)
    {
        string id = await CreateContainerAsync(container, attempt);
        try
        {
            await Runtime.StartContainerAsync(new() { ContainerId = id });
        }
        catch (RpcException e)
        {
            throw Failed("RunContainerError", Detail(e));
        }

        Record("Started", $"Started container {container.Name}");
        kubelet.Observe(SandboxId!);
        if (container.Lifecycle?.PostStart?.Exec is V1ExecAction hook)
        {
            ExecSyncResponse answer = await RunHookAsync(id, hook);
            if (answer.ExitCode != 0)
            {
                Record("FailedPostStartHook", $"PostStartHook of {container.Name} exited with {answer.ExitCode}");
                await Runtime.StopContainerAsync(new() { ContainerId = id, Timeout = manifest.Pod.Spec.TerminationGracePeriodSeconds ?? 0 });
            }
        }
    }

    private async Task<ExecSyncResponse> RunHookAsync(string id, V1ExecAction hook)
    {
        ExecSyncRequest request = new() { ContainerId = id };
        request.Cmd.Add(hook.Command);
        try
        {
            return await Runtime.ExecSyncAsync(request);
        }
        catch (RpcException e)
        {
            return new() { ExitCode = 126, Stderr = Google.Protobuf.ByteString.CopyFromUtf8(Detail(e)) };
        }
    }

    private PodException Failed(string reason, string message)
    {
        Record("Failed", $"Error: {message}");
        return new(reason, message);
    }
}
