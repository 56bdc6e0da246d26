using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pavise.Attestation;
using Pavise.Attestation.BootKeys;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Simulated;
using Pavise.Boundary;
using Pavise.Guest.Evidence;
using Pavise.Guest.Keys;

namespace Pavise.Guest.Tests.Keys;

/// <summary>What a guest shows of its boot key, and what an owner makes of it.</summary>
public sealed class BootKeyTests
{
    private static readonly byte[] Policy = "{}"u8.ToArray();
    private static readonly PolicyDigest Digest = PolicyDigest.OfPolicy(Policy);

    private static readonly EvidenceRequirements Owner = new()
    {
        Tees = [TeeKind.Simulated],
        Policy = Expected<PolicyDigest>.OneOf(Digest),
        Measurement = Expected<LaunchMeasurement>.OneOf(new LaunchMeasurement(new byte[48])),
    };

    [Fact]
    public async Task The_certificate_of_the_boot_key_is_accepted_under_TLS_and_so_is_fresh_evidence_over_the_owners_nonce()
    {
        Processor processor = new();
        using BootKey key = new(new LaunchQuestions(processor, Digest));
        X509Certificate2 certificate = await key.CertificateAsync(default);
        Assert.Same(certificate, await key.CertificateAsync(default));
        byte[] seen = await HandshakeAsync(certificate);
        Verdict verdict = BootKeyVerifier.VerifyCertificate(seen, VerificationCollateral.None, Owner, DateTimeOffset.UnixEpoch);
        Assert.True(verdict.Accepted, verdict.ToString());
        Assert.Equal(key.PublicKey.ToArray(), BootCertificate.Parse(seen).PublicKey.ToArray());
        byte[] nonce = RandomNumberGenerator.GetBytes(32);
        byte[] fresh = await key.EvidenceAsync(nonce, default);
        Assert.True(BootKeyVerifier.VerifyNonce(fresh, nonce, key.PublicKey.Span, VerificationCollateral.None, Owner, DateTimeOffset.UnixEpoch).Accepted);
        nonce[0]++;
        Verdict replayed = BootKeyVerifier.VerifyNonce(fresh, nonce, key.PublicKey.Span, VerificationCollateral.None, Owner, DateTimeOffset.UnixEpoch);
        Assert.Equal([CheckNames.ReportData], replayed.Refusals.Select(c => c.Name));
        Verdict certificates = BootKeyVerifier.VerifyNonce(await key.EvidenceAsync(default), [], key.PublicKey.Span, VerificationCollateral.None, Owner, DateTimeOffset.UnixEpoch);
        Assert.Equal([CheckNames.ReportData], certificates.Refusals.Select(c => c.Name));
    }

    [Fact]
    public async Task Each_boot_has_a_key_of_its_own_and_what_it_signs_holds_under_that_key_only()
    {
        using BootKey one = new(new LaunchQuestions(new Processor(), Digest)), other = new(new LaunchQuestions(new Processor(), Digest));
        Assert.NotEqual(one.Id, other.Id);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(one.PublicKey.Span)), one.Id);
        byte[] signature = one.Sign("text"u8);
        Assert.True(Holds(await one.CertificateAsync(default), signature));
        Assert.False(Holds(await other.CertificateAsync(default), signature));
    }

    [Fact]
    public async Task Evidence_of_another_question_or_policy_goes_to_nobody_and_the_next_try_asks_again()
    {
        Processor processor = new() { Wrong = 0x50 };
        using BootKey key = new(new LaunchQuestions(processor, Digest));
        await Assert.ThrowsAsync<IOException>(() => key.CertificateAsync(default));
        processor.Wrong = 0xC0;
        await Assert.ThrowsAsync<IOException>(() => key.EvidenceAsync(default));
        processor.Wrong = null;
        Assert.NotNull(await key.CertificateAsync(default));
    }

    private static bool Holds(X509Certificate2 certificate, byte[] signature)
    {
        using ECDsa key = certificate.GetECDsaPublicKey()!;
        return key.VerifyData("text"u8, signature, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static async Task<byte[]> HandshakeAsync(X509Certificate2 certificate)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using TcpClient client = new();
        Task connecting = client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using TcpClient accepted = await listener.AcceptTcpClientAsync();
        await connecting;
        byte[] seen = [];
        await using SslStream server = new(accepted.GetStream());
        await using SslStream owner = new(client.GetStream(), false, (_, shown, _, _) =>
        {
            seen = shown!.GetRawCertData();
            return true;
        });
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = SslProtocols.Tls13 }),
            owner.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "pavise", EnabledSslProtocols = SslProtocols.Tls13 }));
        return seen;
    }

    /// <summary>The simulated secure processor, without a visor. Measurement: zeros.</summary>
    private sealed class Processor : IEvidenceSource
    {
        public TeeKind Tee => TeeKind.Simulated;

        /// <summary>Offset of a byte that is changed before signing.</summary>
        public int? Wrong { get; set; }

        public Task<Untrusted<byte[]>> ReportAsync(ReadOnlyMemory<byte> reportData, CancellationToken cancellation)
        {
            byte[] report = new byte[1184];
            report[0] = 2;
            report[0x0A] = 0x02; // GUEST_POLICY bit 17, always one
            report[0x34] = 1;
            reportData.CopyTo(report.AsMemory(0x50));
            Digest.HostData.CopyTo(report.AsMemory(0xC0));
            SimulatedKey.ChipId.CopyTo(report.AsSpan(0x1A0));
            if (Wrong is { } at)
            {
                report[at]++;
            }

            using ECDsa key = SimulatedKey.Create();
            byte[] signature = key.SignData(report.AsSpan(0, 0x2A0), HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            for (int scalar = 0; scalar < 2; scalar++)
            {
                for (int i = 0; i < 48; i++)
                {
                    report[0x2A0 + (72 * scalar) + i] = signature[(48 * scalar) + 47 - i];
                }
            }

            return Task.FromResult(new Untrusted<byte[]>(report));
        }
    }
}
