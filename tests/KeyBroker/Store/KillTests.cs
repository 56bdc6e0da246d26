using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Owner;
using Pavise.Session;
using Pavise.Session.Admin;
using Pavise.Session.Client;

namespace Pavise.KeyBroker.Tests.Store;

/// <summary>
/// The broker's process is killed in the middle of writes, again and again (PAVISE_KILLS times, 8 without it): what it acknowledged is there, nothing is given twice.
/// </summary>
public sealed class KillTests : IDisposable
{
    private static readonly SimulatedGuest Guest = new(TestPolicies.Of("redis", 1));

    private readonly string _folder = Directory.CreateTempSubdirectory("pavise-kill-").FullName;
    private readonly ConcurrentDictionary<string, byte[]> _puts = new();
    private readonly ConcurrentDictionary<string, int> _released = new();
    private readonly ConcurrentDictionary<string, int> _leased = new();
    private readonly ConcurrentDictionary<string, bool> _fencing = new();
    private readonly List<(long Sequence, string Hash)> _auditEnds = [];
    private long _counter;
    private long _refused;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_is_given_twice_when_the_broker_is_killed()
    {
        int rounds = int.TryParse(Environment.GetEnvironmentVariable("PAVISE_KILLS"), out int asked) ? asked : 8;
        string home = Path.Combine(_folder, "home"), broker = Path.Combine(_folder, "broker");
        Assert.Equal(0, await CommandLine.RunAsync(["owner", "init", "--name", "alice", "--config", home], TextWriter.Null, TextWriter.Null));
        int guests = Free(), administrators = Free();
        Assert.Equal(0, await CommandLine.RunAsync(
            ["kb", "init", broker, "--listen", $"127.0.0.1:{guests}", "--admin", $"127.0.0.1:{administrators}", "--simulated", "--config", home], TextWriter.Null, TextWriter.Null));
        string configuration = File.ReadAllText(Path.Combine(broker, "keybroker.json"));
        File.WriteAllText(Path.Combine(broker, "keybroker.json"), configuration.Replace("\"simulated\": true", "\"simulated\": true, \"attestationsPerSecond\": 100000, \"requestsPerSecond\": 100000", StringComparison.Ordinal));
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(broker, "tls.pem")));
        byte[] pin = SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());
        using ECDsa owner = ECDsa.Create();
        owner.ImportFromPem(File.ReadAllText(Path.Combine(home, "sign.pem")));
        using X509Certificate2 admin = TestBroker.SelfSigned("alice", owner);
        IPEndPoint guestAddress = new(IPAddress.Loopback, guests), adminAddress = new(IPAddress.Loopback, administrators);

        for (int round = 0; round <= rounds; round++)
        {
            using Process process = Start(broker);
            try
            {
                await using TestAdmin client = new(new("localhost", administrators, pin), TestBroker.Connector(adminAddress), admin);
                if (round == 0)
                {
                    await client.AllowAsync(TestBroker.RuleFor(Guest, "kill/*/*"));
                    await client.AllowAsync(TestBroker.RuleFor(Guest, "once/*/*") with { Releases = 1 });
                    await client.AllowAsync(TestBroker.RuleFor(Guest, "lease/*/*") with { Instances = 1 });
                }

                await CheckAsync(client);
                using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
                Func<BrokerClient> connect = () => new(TestBroker.Connector(guestAddress), new("localhost", guests, pin));
                Task[] writers =
                [
                    PutAsync(client, round, end.Token), CountAsync(connect, end.Token), OnceAsync(connect, round, 1, end.Token), OnceAsync(connect, round, 2, end.Token),
                    LeaseAsync(connect, round, end.Token), LeaseAsync(connect, round, end.Token),
                ];
                // At a random moment, but not before each writer wrote: a loaded machine takes its time.
                int least = Done + 8 + RandomNumberGenerator.GetInt32(24);
                while (Done < least && !writers.All(w => w.IsCompleted))
                {
                    await Task.Delay(5, Stop);
                }

                process.Kill();
                await process.WaitForExitAsync(Stop);
                await end.CancelAsync();
                await Task.WhenAll(writers);
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill();
                }
            }
        }

        string done = $"{rounds} kills: {_puts.Count} puts, counter at {_counter}, {_released.Count} one-shot releases, {_leased.Count} leases, {_refused} refusals, {_auditEnds[^1].Sequence} audit entries";
        Assert.True(_puts.Count > 0 && _counter > 0 && !_released.IsEmpty && !_leased.IsEmpty && _refused > 0, "the writers hardly wrote: " + done);
        Assert.All(_released, r => Assert.Equal(1, r.Value));
        Assert.All(_leased, l => Assert.Equal(1, l.Value));
        TestContext.Current.TestOutputHelper?.WriteLine(done);
    }

    // What was acknowledged, of the kinds that every round brings.
    private int Done => _puts.Count + (int)Interlocked.Read(ref _counter) + _leased.Count + _released.Count;

    private async Task CheckAsync(TestAdmin client)
    {
        foreach ((string path, byte[] content) in _puts)
        {
            Assert.Equal(content, (await client.SendAsync("GET", "/admin/v1/resource/" + path)).Body);
        }

        JsonElement verified = JsonDocument.Parse((await client.SendAsync("GET", "/admin/v1/audit/verify")).Body).RootElement;
        Assert.True(verified.GetProperty("intact").GetBoolean(), verified.GetProperty("problem").GetString());
        foreach ((long sequence, string hash) in _auditEnds.TakeLast(1))
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"/admin/v1/audit?from={sequence}&most=1");
            Assert.Equal(hash, JsonDocument.Parse((await client.SendAsync("GET", path)).Body).RootElement.GetProperty("records")[0].GetProperty("hash").GetString());
        }

        _auditEnds.Add((verified.GetProperty("sequence").GetInt64(), verified.GetProperty("head").GetString()!));
    }

    private async Task PutAsync(TestAdmin client, int round, CancellationToken end)
    {
        await UntilBrokenAsync(end, async i =>
        {
            string path = $"kill/put/{round}-{i}";
            byte[] content = RandomNumberGenerator.GetBytes(64);
            if ((await client.SendAsync("PUT", "/admin/v1/resource/" + path, content)).Status == 200)
            {
                _puts[path] = content;
            }

            if (i % 3 == 0)
            {
                await client.SendAsync("PUT", $"/admin/v1/resource/once/shot/{round}-{i / 3}", content);
            }
        });
    }

    private async Task CountAsync(Func<BrokerClient> connect, CancellationToken end)
    {
        await UntilBrokenAsync(end, async session =>
        {
            ResourceUri resource = ResourceUri.Parse("kill/counter/x");
            long now = await session.ReadCounterAsync(resource, end);
            Assert.True(now >= _counter, $"the counter went back from {_counter} to {now}");
            _counter = await session.AdvanceCounterAsync(resource, now, now + 1, end);
        }, connect);
    }

    private async Task OnceAsync(Func<BrokerClient> connect, int round, int seed, CancellationToken end)
    {
        await UntilBrokenAsync(end, async session =>
        {
            // Of this round and of the one before, so that what was released before the kill is asked for after it.
            string path = $"once/shot/{Math.Max(0, round - (Random.Shared.Next(2) * seed % 2))}-{Random.Shared.Next(12)}";
            await TryAsync(async () =>
            {
                await session.GetAsync(ResourceUri.Parse(path), end);
                _released.AddOrUpdate(path, 1, (_, n) => n + 1);
            });
        }, connect, oneRequest: true);
    }

    private async Task LeaseAsync(Func<BrokerClient> connect, int round, CancellationToken end)
    {
        await UntilBrokenAsync(end, async session =>
        {
            string path = $"lease/x/{Math.Max(0, round - Random.Shared.Next(2))}-{Random.Shared.Next(8)}";
            await TryAsync(async () =>
            {
                Session.Extensions.LeaseGrant lease = await session.AcquireLeaseAsync(ResourceUri.Parse(path), 3600, end);
                Assert.True(_fencing.TryAdd($"{path} {lease.Fencing}", true), "a fencing number came twice");
                _leased.AddOrUpdate(path, 1, (_, n) => n + 1);
            });
        }, connect, oneRequest: true);
    }

    private async Task TryAsync(Func<Task> request)
    {
        try
        {
            await request();
        }
        catch (BrokerException e) when (e.Failure is BrokerFailure.Refused or BrokerFailure.Conflict or BrokerFailure.NotFound)
        {
            Interlocked.Increment(ref _refused);
        }
    }

    // A fresh guest for each request, or one for all: until the broker is gone.
    private static async Task UntilBrokenAsync(CancellationToken end, Func<BrokerSession, Task> work, Func<BrokerClient> connect, bool oneRequest = false)
    {
        await UntilBrokenAsync(end, async _ =>
        {
            await using BrokerClient client = connect();
            using BrokerSession session = await client.AttestAsync(Guest.Parameters, end);
            for (int i = 0; !end.IsCancellationRequested && (i == 0 || !oneRequest); i++)
            {
                await work(session);
            }
        });
    }

    private static async Task UntilBrokenAsync(CancellationToken end, Func<int, Task> work)
    {
        try
        {
            for (int i = 0; !end.IsCancellationRequested; i++)
            {
                await work(i);
            }
        }
        catch (Exception e) when (e is OperationCanceledException || (e is BrokerException { Failure: BrokerFailure.Unreachable }) || e is SocketException)
        {
        }
    }

    private static Process Start(string folder)
    {
        Process process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "pavise-keybroker.dll"), "serve", folder]) { RedirectStandardOutput = true })!;
        string? line = process.StandardOutput.ReadLine();
        Assert.StartsWith("ready", line, StringComparison.Ordinal);
        return process;
    }

    private static int Free()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
