using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Session.Client;
using Pavise.Session.Extensions;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Tests.Attacks;

/// <summary>Somebody who got a guest's token, which guests show to other services, and nothing else of it.</summary>
public sealed class ProofTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_that_outlives_its_session_is_not_proved_by_an_erased_key()
    {
        ManualClock clock = new();
        await using TestBroker broker = await TestBroker.StartAsync(clock: clock);
        SimulatedGuest guest = new(TestPolicies.Of("redis", 1));
        await broker.Admin.AllowAsync(TestBroker.RuleFor(guest, "mesh/certificate/redis"));
        using BrokerSession session = await broker.AttestAsync(guest);
        using ECDsa own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] body = MeshCertificate.WriteRequest(new CertificateRequest("CN=mallory", own, HashAlgorithmName.SHA256).CreateSigningRequest());
        string proof = RequestProof.Make(new byte[RequestProof.KeyBytes], "POST", BrokerPaths.Certificate, 1000, body);
        await using SslStream tls = await ConnectAsync(broker);
        string head = $"POST {BrokerPaths.Certificate} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {session.Token}\r\n{RequestProof.Header}: {proof}\r\n"
            + $"Expect: 100-continue\r\nContent-Length: {body.Length}\r\n\r\n";
        await tls.WriteAsync(Encoding.ASCII.GetBytes(head), Stop);
        using StreamReader answer = new(tls, Encoding.Latin1);

        // The broker asks for the body: it has found the session, which now ends.
        Assert.StartsWith("HTTP/1.1 100", await answer.ReadLineAsync(Stop), StringComparison.Ordinal);
        await answer.ReadLineAsync(Stop);
        clock.Advance(TimeSpan.FromHours(1));
        await using (HttpConnection other = broker.Raw())
        {
            await other.SendAsync("POST", BrokerPaths.Auth, [], new AuthRequest("sim", []).Write(), false, Stop);
        }

        Assert.Empty(broker.Host.Parts.Sessions.AllAttested());
        await tls.WriteAsync(body, Stop);
        Assert.StartsWith("HTTP/1.1 401", await answer.ReadLineAsync(Stop), StringComparison.Ordinal);
        Assert.Empty(await broker.Admin.AuditAsync("certificate"));
    }

    private static async Task<SslStream> ConnectAsync(TestBroker broker)
    {
        SslStream tls = new(await TestBroker.Connector(broker.Host.GuestAddress)(Stop), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, Stop);
        return tls;
    }
}
