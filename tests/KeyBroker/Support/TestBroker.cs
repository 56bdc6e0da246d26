using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;
using Pavise.Attestation;
using Pavise.Attestation.Certificates;
using Pavise.KeyBroker.Configuration;
using Pavise.Session;
using Pavise.Session.Admin;
using Pavise.Session.Client;

namespace Pavise.KeyBroker.Tests.Support;

/// <summary>A real broker in a folder of its own, over loopback TLS, with an administrator.</summary>
internal sealed class TestBroker : IAsyncDisposable
{
    private readonly bool _ownsFolder;

    private TestBroker(string folder, bool ownsFolder, BrokerHost host, byte[] pin, X509Certificate2 admin, ECDsa owner)
    {
        (Folder, _ownsFolder, Host, Pin, AdminCertificate, Owner) = (folder, ownsFolder, host, pin, admin, owner);
        Admin = new(AdminEndpoint, Connector(host.AdminAddress), admin);
    }

    public string Folder { get; }

    public BrokerHost Host { get; }

    public byte[] Pin { get; }

    public X509Certificate2 AdminCertificate { get; }

    public ECDsa Owner { get; }

    public TestAdmin Admin { get; }

    public BrokerEndpoint Endpoint => new("localhost", Host.GuestAddress.Port, Pin);

    public BrokerEndpoint AdminEndpoint => new("localhost", Host.AdminAddress.Port, Pin);

    public static async Task<TestBroker> StartAsync(string? folder = null, TimeProvider? clock = null, bool simulated = true, Func<BrokerConfiguration, BrokerConfiguration>? change = null, PinnedRoots? roots = null)
    {
        bool owns = folder is null;
        folder ??= Directory.CreateTempSubdirectory("pavise-kb-").FullName;
        Prepare(folder);
        ECDsa owner = ECDsa.Create();
        owner.ImportFromPem(File.ReadAllText(Path.Combine(folder, "owner.pem")));
        byte[] spki = owner.ExportSubjectPublicKeyInfo();
        BrokerConfiguration configuration = new()
        {
            Folder = folder,
            Listen = new(IPAddress.Loopback, 0),
            Admin = new(IPAddress.Loopback, 0),
            Certificate = Path.Combine(folder, "tls.pem"),
            Key = Path.Combine(folder, "tls-key.pem"),
            Database = Path.Combine(folder, "broker.db"),
            MasterKey = Path.Combine(folder, "master.key"),
            Administrators = [new("alice", Convert.ToHexStringLower(SHA256.HashData(spki)), spki)],
            Simulated = simulated,
            AttestationsPerSecond = 100_000,
            RequestsPerSecond = 100_000,
        };
        BrokerHost host = await BrokerHost.StartAsync(
            change?.Invoke(configuration) ?? configuration, Sealing.MasterKey.Read(configuration.MasterKey), clock ?? TimeProvider.System, LogLevel.Warning,
            roots is null ? EvidenceVerifier.Authenticate : (evidence, collateral, now) => EvidenceVerifier.Authenticate(evidence, collateral, now, roots),
            TestContext.Current.CancellationToken);
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(File.ReadAllText(configuration.Certificate));
        return new(folder, owns, host, SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()), SelfSigned("alice", owner), owner);
    }

    /// <summary>A guest's client; each call has a connection of its own.</summary>
    public BrokerClient Client() => new(Connector(Host.GuestAddress), Endpoint);

    public HttpConnection Raw() => new(Connector(Host.GuestAddress), Endpoint);

    public Task<BrokerSession> AttestAsync(SimulatedGuest guest) => AttestAsAsync(guest.Parameters);

    public async Task<BrokerSession> AttestAsAsync(AttestParameters guest) => await Client().AttestAsync(guest, TestContext.Current.CancellationToken);

    /// <summary>A rule for a guest's own policy and measurement, changed as wanted.</summary>
    public static ReleaseRule RuleFor(SimulatedGuest guest, string resource) => new()
    {
        Resource = resource,
        Policy = PolicyDemand.Document(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(guest.Policy))), Convert.ToHexStringLower(SHA384.HashData(Encoding.UTF8.GetBytes(guest.Policy)))),
        Measurements = [SimulatedGuest.GoodMeasurement],
        Tees = ["sim"],
    };

    public static Func<CancellationToken, Task<Stream>> Connector(IPEndPoint address) => async cancellation =>
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address, cancellation);
        return new NetworkStream(socket, ownsSocket: true);
    };

    public async ValueTask DisposeAsync()
    {
        await Admin.DisposeAsync();
        await Host.DisposeAsync();
        Owner.Dispose();
        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    internal static X509Certificate2 SelfSigned(string name, ECDsa key)
    {
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA384);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(150));
    }

    // Keys once for a folder, so that a broker that starts again is the same one.
    private static void Prepare(string folder)
    {
        if (File.Exists(Path.Combine(folder, "master.key")))
        {
            return;
        }

        using ECDsa tls = ECDsa.Create(ECCurve.NamedCurves.nistP256), owner = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using X509Certificate2 certificate = SelfSigned("broker", tls);
        File.WriteAllText(Path.Combine(folder, "tls.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "tls-key.pem"), tls.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(folder, "owner.pem"), owner.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(folder, "master.key"), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        File.SetUnixFileMode(Path.Combine(folder, "master.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
