using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pavise.Integration.Tests.Support;

/// <summary>Something that listens where a key broker should, has its key, and never comes to an end with an answer.</summary>
internal sealed class SlowBroker : IAsyncDisposable
{
    private static readonly byte[] Answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"u8.ToArray();
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly X509Certificate2 certificate;
    private readonly bool answers;
    private readonly Task serving;

    /// <param name="answers">True: a byte at a time, without end; false: nothing, not even of TLS.</param>
    public SlowBroker(bool answers)
    {
        this.answers = answers;
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 made = new CertificateRequest("CN=broker", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(120));
        certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        listener.Start();
        serving = ServeAsync();
    }

    /// <summary>The lines of a policy that name it.</summary>
    public string PolicyLines => $$"""
        attestation:
          keyBroker: { url: "https://127.0.0.1:{{((IPEndPoint)listener.LocalEndpoint).Port}}", key: "spki-sha256:{{Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()))}}" }

        """;

    /// <summary>Connections that came.</summary>
    public int Connections { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Dispose();
        await serving;
        certificate.Dispose();
        end.Dispose();
    }

    private async Task ServeAsync()
    {
        List<Task> all = [];
        try
        {
            while (true)
            {
                TcpClient client = await listener.AcceptTcpClientAsync(end.Token);
                Connections++;
                all.Add(DripAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(all);
        }
    }

    private async Task DripAsync(TcpClient client)
    {
        using TcpClient owned = client;
        try
        {
            if (!answers)
            {
                await Task.Delay(Timeout.Infinite, end.Token);
            }

            await using SslStream tls = new(client.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, end.Token);
            for (int i = 0; ; i++)
            {
                await tls.WriteAsync(i < Answer.Length ? Answer.AsMemory(i, 1) : " "u8.ToArray(), end.Token);
                await Task.Delay(Between, end.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or System.Security.Authentication.AuthenticationException)
        {
            // The guest gave up.
        }
    }
}
