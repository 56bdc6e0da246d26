using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Pavise.Workloads;

namespace Pavise.Integration.Tests.Support;

/// <summary>The owner with keys and a running key broker of its own, both by the <c>pavise</c> command.</summary>
internal sealed class KeyBroker : IAsyncDisposable
{
    private const int Terminate = 15;

    private readonly string folder = Directory.CreateTempSubdirectory("pavise-kb-").FullName;
    private Process? process;

    private KeyBroker()
    {
    }

    /// <summary>The lines of a policy that name this broker, under <c>attestation</c>.</summary>
    public string PolicyLines { get; private set; } = "";

    private string Home => Path.Combine(folder, "home");

    private string Broker => Path.Combine(folder, "broker");

    /// <param name="simulated">Whether it accepts the evidence of machines without a TEE; a production broker does not.</param>
    public static async Task<KeyBroker> StartAsync(bool simulated = true)
    {
        KeyBroker broker = new();
        (await broker.OwnerAsync("owner", "init", "--name", "alice")).OrThrow("pavise owner init");
        (int guests, int administrators) = (FreePort(), FreePort());
        broker.PolicyLines = (await broker.OwnerAsync(["kb", "init", broker.Broker, "--listen", $"127.0.0.1:{guests}", "--admin", $"127.0.0.1:{administrators}", .. (string[])(simulated ? ["--simulated"] : [])])).OrThrow("pavise kb init").Output;
        await broker.ServeAsync();
        return broker;
    }

    /// <summary>Starts the server; returns when it answers an administrator.</summary>
    public async Task ServeAsync()
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", "exec \"$0\" kb serve \"$1\" >>\"$2\" 2>&1 </dev/null", Tree.Bin("pavise"), Broker, Path.Combine(folder, "log")]);
        process = Process.Start(start)!;
        CommandResult status = await OwnerAsync("kb", "status");
        for (int i = 0; i < 200 && status.ExitCode != 0 && !process.HasExited; i++)
        {
            await Task.Delay(100);
            status = await OwnerAsync("kb", "status");
        }

        status.OrThrow($"pavise kb status ({await File.ReadAllTextAsync(Path.Combine(folder, "log"))})");
    }

    /// <summary>Stops the server.</summary>
    public async Task StopAsync()
    {
        if (process is { HasExited: false })
        {
            await Command.RunAsync("kill", [$"-{Terminate}", $"{process.Id}"]);
            await process.WaitForExitAsync();
        }

        process?.Dispose();
        process = null;
    }

    /// <summary>Runs <c>pavise</c> as the owner.</summary>
    public Task<CommandResult> OwnerAsync(params string[] arguments) => Command.RunAsync(Tree.Bin("pavise"), [.. arguments, "--config", Home], TimeSpan.FromMinutes(1));

    /// <summary>This owner as an element of a policy's <c>owners</c>, on one line.</summary>
    /// <param name="may">What it may, joined by commas.</param>
    public async Task<string> OwnerLineAsync(string may)
    {
        string[] lines = (await OwnerAsync("owner", "show")).OrThrow("pavise owner show").Output.Split('\n');
        string Value(string key) => lines.Single(l => l.Contains(key + ":", StringComparison.Ordinal)).Split(": ", 2)[1].Trim();
        return $"{{ name: {Value("- name")}, signKey: \"{Value("signKey")}\", sealKey: \"{Value("sealKey")}\", may: [{may}] }}";
    }

    /// <summary>Puts a secret, to be released to launches of a policy, on any measurement of a simulated machine.</summary>
    /// <returns>The rule's number.</returns>
    public async Task<string> PutAsync(string resource, string content, string policyFile, params string[] more)
    {
        await PutAsync(resource, content);
        return await AllowAsync(resource, ["--policy", policyFile, "--any-measurement", "--tee", "sim", .. more]);
    }

    /// <summary>Puts a secret that is released to nobody yet.</summary>
    public async Task PutAsync(string resource, string content)
    {
        string file = Path.Combine(folder, "content");
        await File.WriteAllTextAsync(file, content);
        (await OwnerAsync("kb", "put", resource, file)).OrThrow("pavise kb put");
    }

    /// <summary>Adds a rule by the options of <c>pavise kb allow</c>.</summary>
    /// <returns>The rule's number.</returns>
    public async Task<string> AllowAsync(string resource, params string[] options) =>
        (await OwnerAsync(["kb", "allow", resource, .. options])).OrThrow("pavise kb allow").Output.Split(' ', ':')[1];

    /// <summary>All entries of the audit.</summary>
    public async Task<IReadOnlyList<JsonElement>> AuditAsync() =>
        [.. (await OwnerAsync("kb", "audit", "--json")).OrThrow("pavise kb audit").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
