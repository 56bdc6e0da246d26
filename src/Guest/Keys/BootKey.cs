using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pavise.Attestation;
using Pavise.Attestation.BootKeys;
using Pavise.Guest.Evidence;

namespace Pavise.Guest.Keys;

/// <summary>
/// This boot's signing key (ECDSA P-384), made when it is first asked for, in memory only: it is never written and never leaves. Evidence over it says that it is
/// this launch's; it ends with the pVM.
/// </summary>
internal sealed class BootKey : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly LaunchQuestions launch;
    private readonly byte[] publicKey;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim certificateTurn = new(1, 1);
    private X509Certificate2? certificate;

    /// <param name="launch">Gets evidence of this launch.</param>
    public BootKey(LaunchQuestions launch)
    {
        this.launch = launch;
        publicKey = key.ExportSubjectPublicKeyInfo();
        Id = Convert.ToHexStringLower(SHA256.HashData(publicKey));
    }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public ReadOnlyMemory<byte> PublicKey => publicKey;

    /// <summary>Names the boot: SHA-256 of the public key, hexadecimal.</summary>
    public string Id { get; }

    /// <summary>Signs with SHA-384: r and s, 48 bytes each. Who signs sees to it that no message of one purpose can be one of another.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        lock (gate)
        {
            return key.SignData(message, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    /// <summary>The certificate with evidence over this key, made once. The caller does not dispose of it.</summary>
    /// <exception cref="IOException">No evidence came; the next call asks again.</exception>
    public async Task<X509Certificate2> CertificateAsync(CancellationToken cancellation)
    {
        await certificateTurn.WaitAsync(cancellation);
        try
        {
            if (certificate is null)
            {
                LaunchEvidence evidence = await launch.AskAsync(BootKeyReportData.ForCertificate(publicKey), cancellation);
                lock (gate)
                {
                    certificate = BootCertificate.Create(key, evidence);
                }
            }

            return certificate;
        }
        finally
        {
            certificateTurn.Release();
        }
    }

    /// <summary>Evidence over this key, as the certificate has it, for formats of other forms: DER of <see cref="EvidenceDer"/>.</summary>
    /// <exception cref="IOException">No evidence came.</exception>
    public async Task<byte[]> EvidenceAsync(CancellationToken cancellation) => EvidenceDer.Write(await launch.AskAsync(BootKeyReportData.ForCertificate(publicKey), cancellation));

    /// <summary>Fresh evidence over somebody's nonce and this key: DER of <see cref="EvidenceDer"/>.</summary>
    /// <exception cref="IOException">No evidence came.</exception>
    public async Task<byte[]> EvidenceAsync(ReadOnlyMemory<byte> nonce, CancellationToken cancellation) =>
        EvidenceDer.Write(await launch.AskAsync(BootKeyReportData.ForNonce(nonce.Span, publicKey), cancellation));

    public void Dispose()
    {
        certificate?.Dispose();
        certificateTurn.Dispose();
        key.Dispose();
    }
}
