using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Owner;
using Pavise.Session.Client;

namespace Pavise.Eval.KeyBroker;

/// <summary>A broker in a process of its own, as an owner sets it up, with 128 secrets that the guest gets.</summary>
internal sealed class BrokerProcess : IDisposable
{
    public const int Secrets = 128;

    private readonly string _folder = Directory.CreateTempSubdirectory("pavise-eval-kb-").FullName;
    private readonly Process _process;
    private readonly IPEndPoint _guests;

    /// <param name="program">The published program; null runs what was built beside this one.</param>
    public BrokerProcess(string? program)
    {
        string broker = Path.Combine(_folder, "broker"), policy = Path.Combine(_folder, "policy.json");
        File.WriteAllText(policy, Guest.Policy);
        _guests = Free();
        IPEndPoint administrators = Free();
        Run("owner", "init", "--name", "alice");
        Run("kb", "init", broker, "--listen", _guests.ToString(), "--admin", administrators.ToString(), "--simulated");
        string file = Path.Combine(broker, "keybroker.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"simulated\": true", "\"simulated\": true, \"attestationsPerSecond\": 1000000, \"requestsPerSecond\": 1000000", StringComparison.Ordinal));
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(broker, "tls.pem")));
        Endpoint = new("localhost", _guests.Port, SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        string[] serve = ["serve", broker];
        ProcessStartInfo start = program is null ? new("dotnet", [Path.Combine(AppContext.BaseDirectory, "pavise-keybroker.dll"), .. serve]) : new(program, serve);
        start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
        if (_process.StandardOutput.ReadLine()?.StartsWith("ready", StringComparison.Ordinal) != true)
        {
            throw new InvalidOperationException("the broker did not start");
        }

        for (int i = 0; i < Secrets; i++)
        {
            Run("kb", "put", $"eval/secret/{i}", "--random", "1024");
        }

        Run("kb", "allow", "eval/*/*", "--policy", policy, "--measurement", SimulatedGuest.GoodMeasurement, "--tee", "sim");
    }

    public static SimulatedGuest Guest { get; } = new(TestPolicies.Of("eval", 1));

    /// <summary>The same guest on a processor that signs fast: what a guest does on a machine of its own.</summary>
    public static AttestParameters Prepared { get; } = Guest.Parameters with { Evidence = MakePrepared() };

    public BrokerEndpoint Endpoint { get; }

    /// <summary>CPU time of the broker until now.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public BrokerClient Client() => new(ConnectAsync, Endpoint);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Func<ReadOnlyMemory<byte>, CancellationToken, Task<ReadOnlyMemory<byte>>> MakePrepared()
    {
        PreparedProcessor processor = new(Guest);
        return (reportData, _) => Task.FromResult<ReadOnlyMemory<byte>>(processor.Evidence(reportData.Span));
    }

    private async Task<Stream> ConnectAsync(CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(_guests, cancellation);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private void Run(params string[] arguments)
    {
        StringWriter errors = new();
        if (CommandLine.RunAsync([.. arguments, "--config", Path.Combine(_folder, "home")], TextWriter.Null, errors).GetAwaiter().GetResult() != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', arguments)}: {errors}");
        }
    }

    private static IPEndPoint Free()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }
}
