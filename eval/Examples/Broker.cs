using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Pavise.Workloads;

namespace Pavise.Eval.Examples;

/// <summary>The owner's key broker on the loopback interface, with keys of its own.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private readonly string pavise, folder = Directory.CreateTempSubdirectory("pavise-example-kb-").FullName;
    private Process? process;

    private Broker(string pavise) => this.pavise = pavise;

    public string Url { get; private set; } = "";

    public string Key { get; private set; } = "";

    public static async Task<Broker> StartAsync(string pavise)
    {
        Broker broker = new(pavise);
        (await broker.RunAsync("owner", "init", "--name", "alice")).OrThrow("pavise owner init");
        string lines = (await broker.RunAsync("kb", "init", Path.Combine(broker.folder, "broker"), "--listen", $"127.0.0.1:{FreePort()}", "--admin", $"127.0.0.1:{FreePort()}", "--simulated")).OrThrow("pavise kb init").Output;
        broker.Url = Between(lines, "https://", "\"");
        broker.Url = $"https://{broker.Url}";
        broker.Key = $"spki-sha256:{Between(lines, "spki-sha256:", "\"")}";
        broker.process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" kb serve \"$1\" >\"$2\" 2>&1 </dev/null", pavise, Path.Combine(broker.folder, "broker"), Path.Combine(broker.folder, "log")]))!;
        for (int i = 0; i < 300 && (await broker.RunAsync("kb", "status")).ExitCode != 0; i++)
        {
            await Task.Delay(100);
        }

        return broker;
    }

    public Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync(pavise, [.. arguments, "--config", Path.Combine(folder, "home")], TimeSpan.FromMinutes(1));

    /// <summary>Puts a secret, to be released to launches of a policy. On simulated machines any measurement: a real deployment names it, pavise measure.</summary>
    public async Task PutAsync(string resource, string content, string policy, IEnumerable<string> more)
    {
        string file = Path.Combine(folder, "content");
        await File.WriteAllTextAsync(file, content);
        (await RunAsync("kb", "put", resource, file)).OrThrow("pavise kb put");
        (await RunAsync(["kb", "allow", resource, "--policy", policy, "--any-measurement", "--tee", "sim", .. more])).OrThrow("pavise kb allow");
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            await Command.RunAsync("kill", ["-TERM", $"{process.Id}"]);
            await process.WaitForExitAsync();
        }

        process?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static string Between(string text, string from, string to)
    {
        int at = text.IndexOf(from, StringComparison.Ordinal) + from.Length, end = text.IndexOfAny([to[0], '\n', ' ', '}', ','], at);
        return at < from.Length || end < 0 ? throw new InvalidOperationException($"pavise kb init printed no {from}: {text}") : text[at..end];
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
