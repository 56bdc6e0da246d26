using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using OpenTelemetry.Metrics;
using Pavise.Attestation;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Guests;
using Pavise.KeyBroker.Http;
using Pavise.KeyBroker.Metrics;
using Pavise.Session;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker;

/// <summary>A running broker: its parts behind two TLS 1.3 listeners.</summary>
internal sealed class BrokerHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private BrokerHost(WebApplication app, BrokerParts parts) => (_app, Parts) = (app, parts);

    public BrokerParts Parts { get; }

    /// <summary>Where guests connect, with the port that was really taken.</summary>
    public IPEndPoint GuestAddress => Address(0);

    /// <summary>Where administrators connect.</summary>
    public IPEndPoint AdminAddress => Address(1);

    /// <summary>Opens everything and listens.</summary>
    /// <exception cref="BrokerSetupException">What keeps it from starting.</exception>
    public static Task<BrokerHost> StartAsync(BrokerConfiguration configuration, byte[] masterKey, TimeProvider clock, LogLevel logLevel, CancellationToken cancellation) =>
        StartAsync(configuration, masterKey, clock, logLevel, EvidenceVerifier.Authenticate, cancellation);

    /// <summary>The same for tests with platforms of their own making.</summary>
    internal static async Task<BrokerHost> StartAsync(
        BrokerConfiguration configuration, byte[] masterKey, TimeProvider clock, LogLevel logLevel, Authenticate authenticate, CancellationToken cancellation)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole(o => o.SingleLine = true).SetMinimumLevel(logLevel).AddFilter("Microsoft", LogLevel.Warning);
        X509Certificate2 certificate = Certificate(configuration);
        Admin.AdminAccess gate = new(configuration);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, configuration, certificate, gate));
        builder.Services.AddRouting();
        builder.Services.AddRateLimiter(limits => RateLimits.Set(limits, configuration));
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT")))
        {
            builder.Services.AddOpenTelemetry().WithMetrics(m => m.AddMeter(BrokerMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel").AddOtlpExporter());
        }

        WebApplication app = builder.Build();
        BrokerParts parts = await BrokerParts.OpenAsync(configuration, masterKey, clock, app.Services.GetRequiredService<ILoggerFactory>(), authenticate);
        try
        {
            app.UseMiddleware<ErrorBoundary>();
            app.UseRouting();
            app.UseRateLimiter();
            BrokerRoutes.Map(app, parts);
            await app.StartAsync(cancellation);
            return new(app, parts);
        }
        catch (Exception e)
        {
            await app.DisposeAsync();
            await parts.DisposeAsync();
            throw e is IOException ? new BrokerSetupException($"the broker cannot listen on {configuration.Listen} and {configuration.Admin}: {e.Message}", e) : e;
        }
    }

    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Parts.DisposeAsync();
    }

    private static void Listen(KestrelServerOptions kestrel, BrokerConfiguration configuration, X509Certificate2 certificate, Admin.AdminAccess gate)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = SessionLimits.AttestBytes;
        kestrel.Limits.MaxConcurrentConnections = 4096;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        kestrel.Limits.MinRequestBodyDataRate = new(240, TimeSpan.FromSeconds(5));
        kestrel.Listen(configuration.Listen, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(certificate, https => Https(https, ClientCertificateMode.NoCertificate));
        });
        kestrel.Listen(configuration.Admin, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(certificate, https =>
            {
                Https(https, ClientCertificateMode.RequireCertificate);
                https.ClientCertificateValidation = (client, _, _) => gate.Accepts(client);
            });
        });
    }

    private static void Https(HttpsConnectionAdapterOptions https, ClientCertificateMode mode)
    {
        https.SslProtocols = SslProtocols.Tls13;
        https.ClientCertificateMode = mode;
        https.CheckCertificateRevocation = false;
        https.HandshakeTimeout = TimeSpan.FromSeconds(10);
    }

    private static X509Certificate2 Certificate(BrokerConfiguration configuration)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(configuration.Certificate, configuration.Key);
        }
        catch (Exception e) when (e is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new BrokerSetupException($"the TLS certificate {configuration.Certificate} with its key {configuration.Key} cannot be read: {e.Message}", e);
        }
    }

    private IPEndPoint Address(int index) =>
        _app.Urls.Select(u => new Uri(u)).Select(u => new IPEndPoint(IPAddress.Parse(u.Host.Trim('[', ']')), u.Port)).ElementAt(index);
}
