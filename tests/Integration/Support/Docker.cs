using System.Diagnostics;
using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Integration.Tests.Support;

/// <summary>A docker daemon of its own, which knows a node's runtime by name, with a policy among the runtime's arguments.</summary>
internal sealed class Docker : IAsyncDisposable
{
    private const string Client = "/usr/bin/docker";
    private const int Terminate = 15;

    private readonly string folder;
    private readonly Process process;

    private Docker(string folder, Process process) => (this.folder, this.process) = (folder, process);

    /// <summary>Starts it with the runtimes <c>pavise</c> (with the policy) and <c>without</c> (with none).</summary>
    public static async Task<Docker> StartAsync(Node node, string policyFile)
    {
        string folder = Directory.CreateTempSubdirectory("pvd-").FullName, configuration = Path.Combine(folder, "daemon.json");
        JsonObject runtimes = new()
        {
            ["pavise"] = new JsonObject { ["path"] = node.Wrapper(), ["runtimeArgs"] = new JsonArray("--policy", policyFile) },
            ["without"] = new JsonObject { ["path"] = node.Wrapper() },
        };
        await File.WriteAllTextAsync(configuration, new JsonObject { ["runtimes"] = runtimes }.ToJsonString());
        ProcessStartInfo start = new("/bin/sh",
        [
            "-c", "exec dockerd --config-file \"$0/daemon.json\" --data-root \"$0/d\" --exec-root \"$0/e\" --pidfile \"$0/pid\" --host \"unix://$0/s\" --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --bridge=none >\"$0/log\" 2>&1 </dev/null", folder,
        ]);
        Docker docker = new(folder, Process.Start(start)!);
        for (int i = 0; i < 300; i++)
        {
            if (docker.process.HasExited)
            {
                break;
            }

            if (File.Exists(Path.Combine(folder, "s")) && (await docker.RunAsync("version")).ExitCode == 0)
            {
                return docker;
            }

            await Task.Delay(100);
        }

        string log = await File.ReadAllTextAsync(Path.Combine(folder, "log"));
        await docker.DisposeAsync();
        throw new InvalidOperationException($"dockerd did not get ready: {log[^Math.Min(2000, log.Length)..]}");
    }

    public Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync(Client, ["--host", $"unix://{folder}/s", .. arguments], TimeSpan.FromMinutes(2));

    /// <summary>The command that carries an owner's session.</summary>
    public string Via => $"{Client} --host unix://{folder}/s exec -i";

    public async ValueTask DisposeAsync()
    {
        using (process)
        {
            if (!process.HasExited)
            {
                await Command.RunAsync("kill", [$"-{Terminate}", $"{process.Id}"]);
                await process.WaitForExitAsync();
            }
        }

        foreach (string mount in (await File.ReadAllLinesAsync("/proc/self/mounts")).Select(l => l.Split(' ')[1]).Where(m => m.StartsWith(folder, StringComparison.Ordinal)).Reverse())
        {
            await Command.RunAsync("umount", [mount]);
        }

        Directory.Delete(folder, recursive: true);
    }
}
