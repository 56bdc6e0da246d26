using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Pavise.Workloads;

namespace Pavise.Quickstart;

/// <summary>The owner: keys, a key broker on the loopback interface, both by the <c>pavise</c> command, in a folder that no host is meant to see.</summary>
internal sealed class Owner(string pavise, string folder) : IAsyncDisposable
{
    private readonly string home = Path.Combine(folder, "home"), broker = Path.Combine(folder, "broker"), log = Path.Combine(folder, "keybroker.log");
    private Process? server;

    /// <summary>The lines of a policy that name the broker and its key.</summary>
    public string PolicyLines { get; private set; } = "";

    /// <summary>Runs <c>pavise</c>.</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) =>
        Command.RunAsync(pavise, arguments, environment: new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = home });

    /// <summary>Makes the owner's keys.</summary>
    public async Task<string> InitAsync()
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        return (await RunAsync("owner", "init", "--name", "alice")).OrThrow("pavise owner init").Output.Split('\n')[0];
    }

    /// <summary>Makes the key broker and starts it.</summary>
    public async Task<string> ServeAsync()
    {
        PolicyLines = (await RunAsync("kb", "init", broker, "--listen", FreeAddress(), "--admin", FreeAddress(), "--simulated")).OrThrow("pavise kb init").Output;
        server = Process.Start("/bin/sh", ["-c", "exec \"$0\" kb serve \"$1\" >\"$2\" 2>&1 </dev/null", pavise, broker, log]);
        CommandResult status = await RunAsync("kb", "status");
        for (int i = 0; i < 100 && status.ExitCode != 0 && !server.HasExited; i++)
        {
            await Task.Delay(100);
            status = await RunAsync("kb", "status");
        }

        return status.ExitCode == 0 ? PolicyLines.Split('\n')[1].Trim() : throw new InvalidOperationException($"the key broker does not answer: {await File.ReadAllTextAsync(log)}");
    }

    /// <summary>Puts a secret; nobody gets it before a rule says so.</summary>
    public async Task<string> PutAsync(string resource, string content) =>
        (await Command.RunAsync(pavise, ["kb", "put", resource, "-"], stdin: content, environment: new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = home })).OrThrow("pavise kb put").Output.Trim();

    /// <summary>The audit's newest lines of the given kinds, at least one of each.</summary>
    public async Task<string> AuditAsync(params string[] kinds)
    {
        string[] lines = (await RunAsync("kb", "audit")).OrThrow("pavise kb audit").Output.Split('\n');
        return string.Join('\n', kinds.Select(k => lines.LastOrDefault(l => l.Contains($"  {k}  ", StringComparison.Ordinal)) ?? throw new InvalidOperationException($"the audit has no entry `{k}`: {string.Join('\n', lines)}")));
    }

    public async ValueTask DisposeAsync()
    {
        if (server is { HasExited: false })
        {
            await Command.RunAsync("kill", ["-TERM", $"{server.Id}"]);
            await server.WaitForExitAsync();
        }

        server?.Dispose();
    }

    private static string FreeAddress()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }
}
