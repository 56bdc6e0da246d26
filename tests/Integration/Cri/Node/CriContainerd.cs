using System.Diagnostics;
using Grpc.Core;
using Pavise.Cri.V1;
using Pavise.Workloads;

namespace Pavise.Cri.Node;

/// <summary>
/// A containerd of its own with the CRI plugin: own root, state, sockets, network. Its shims find their program in
/// <c>PATH</c> and inherit its environment. It can be killed and started again, as nodes do.
/// </summary>
public sealed class CriContainerd : IAsyncDisposable
{
    private const string Namespace = "k8s.io";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, string> environment;
    private Process? process;
    private CriClient? client;

    private CriContainerd(string folder, Dictionary<string, string> environment) => (Folder, this.environment, Socket) = (folder, environment, Path.Combine(folder, "c.sock"));

    /// <summary>Everything of this node is below it, so that whatever is left over can be found.</summary>
    public string Folder { get; }

    public string Socket { get; private init; }

    public string Log => Path.Combine(Folder, "containerd.log");

    /// <summary>Of the containerd that runs now.</summary>
    public int ProcessId => process!.Id;

    public CriClient Cri => client!;

    /// <summary>Starts in an existing folder.</summary>
    /// <param name="folder">Kept by the caller; short, since socket paths are bounded.</param>
    /// <param name="programs">Folder where the shims are found, before the standard ones.</param>
    /// <param name="environment">More variables for containerd and its shims.</param>
    public static async Task<CriContainerd> StartAsync(string folder, string programs, IReadOnlyDictionary<string, string>? environment = null)
    {
        CriContainerd containerd = new(folder, new(environment ?? new Dictionary<string, string>())
        {
            ["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}",
        });
        await File.WriteAllTextAsync(Path.Combine(folder, "containerd.toml"), ContainerdConfiguration.Text(folder, PodNetwork.Write(folder)));
        await containerd.StartAgainAsync();
        return containerd;
    }

    /// <summary>Uses a containerd that runs already, and never ends it.</summary>
    /// <param name="folder">For what the driver itself keeps of pods.</param>
    /// <param name="socket">Its socket.</param>
    public static CriContainerd Attach(string folder, string socket) => new(folder, []) { Socket = socket, client = new(socket) };

    /// <summary>Starts after <see cref="KillAsync"/>; returns when the CRI says that it is ready.</summary>
    public async Task StartAgainAsync()
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", "exec containerd -c \"$0\" >>\"$1\" 2>&1 </dev/null", Path.Combine(Folder, "containerd.toml"), Log]);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        process = Process.Start(start)!;
        client = new(Socket);
        using CancellationTokenSource limit = new(Patience);
        while (!await IsReadyAsync())
        {
            if (process.HasExited || limit.IsCancellationRequested)
            {
                throw new InvalidOperationException($"containerd did not become ready: {string.Join('\n', File.ReadLines(Log).TakeLast(20))}");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>Ends containerd by SIGKILL; shims and pods go on.</summary>
    public async Task KillAsync()
    {
        client?.Dispose();
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Runs <c>ctr</c> in the namespace of Kubernetes.</summary>
    public Task<CommandResult> CtrAsync(params string[] arguments) =>
        Command.RunAsync("ctr", ["--address", Socket, "--namespace", Namespace, .. arguments], TimeSpan.FromMinutes(2), environment: environment);

    /// <summary>Imports an OCI image layout whose index names a tag; returns when the CRI plugin knows the image.</summary>
    /// <param name="layout">Folder of the layout.</param>
    /// <param name="repository">The image's name without tag.</param>
    public async Task ImportAsync(string layout, string repository)
    {
        string archive = Path.Combine(Folder, "import.tar");
        (await Command.RunAsync("tar", ["-cf", archive, "-C", layout, "."])).OrThrow("tar");
        CommandResult imported = (await CtrAsync("images", "import", "--base-name", repository, archive)).OrThrow("ctr images import");
        File.Delete(archive);
        string name = imported.Output.Split('\n').Select(l => l.Split(' ')).First(w => w[0] == "unpacking")[1];
        using CancellationTokenSource limit = new(Patience);
        while ((await Cri.Images.ImageStatusAsync(new() { Image = new() { Image = name } })).Image is null)
        {
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>Removes every pod that is still there. As the kubelet does, again where a container that was killed has not ended yet.</summary>
    public async Task RemovePodsAsync()
    {
        for (int i = 0; ; i++)
        {
            try
            {
                foreach (PodSandbox sandbox in (await Cri.Runtime.ListPodSandboxAsync(new())).Items)
                {
                    await Cri.Runtime.StopPodSandboxAsync(new() { PodSandboxId = sandbox.Id });
                    await Cri.Runtime.RemovePodSandboxAsync(new() { PodSandboxId = sandbox.Id });
                }

                return;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.FailedPrecondition && i < 20)
            {
                await Task.Delay(500);
            }
        }
    }

    /// <summary>Removes every pod and ends containerd.</summary>
    public async ValueTask DisposeAsync()
    {
        if (process is null)
        {
            client?.Dispose();
            return;
        }

        try
        {
            await RemovePodsAsync();
        }
        finally
        {
            await KillAsync();
            process = null;
        }
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            StatusResponse status = await Cri.Runtime.StatusAsync(new(), deadline: DateTime.UtcNow.AddSeconds(5));
            return status.Status.Conditions.All(c => c.Status);
        }
        catch (RpcException)
        {
            return false;
        }
    }
}
