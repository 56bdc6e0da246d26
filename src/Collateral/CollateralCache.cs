using System.Security.Cryptography;
using Pavise.Attestation;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Tdx;

namespace Pavise.Collateral;

/// <summary>
/// A folder that keeps what another source found. The other one is asked again when something is missing or no longer fresh; when it cannot be asked, what the
/// folder has is given, and the verifier judges its age. The files are those of a <see cref="CollateralFolder"/>.
/// </summary>
/// <param name="folder">The folder; it is made when it is missing.</param>
/// <param name="source">The source behind it.</param>
/// <param name="time">The clock for freshness.</param>
public sealed class CollateralCache(string folder, ICollateralSource source, TimeProvider time) : ICollateralSource
{
    /// <inheritdoc/>
    public async Task<VerificationCollateral> FindAsync(CollateralRequest request, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        VerificationCollateral kept = await CollateralFolder.Open(folder).FindAsync(request, cancellation);
        if (Completeness.IsComplete(kept, request, time.GetUtcNow()))
        {
            return kept;
        }

        try
        {
            VerificationCollateral found = await source.FindAsync(request, cancellation);
            Keep(found, request);
            return found.With(kept);
        }
        catch (CollateralException) when (kept.Tdx is not null || !kept.SnpCertificates.IsEmpty)
        {
            return kept;
        }
    }

    private void Keep(VerificationCollateral found, CollateralRequest request)
    {
        foreach (ReadOnlyMemory<byte> certificate in found.SnpCertificates)
        {
            Write($"snp-{Convert.ToHexStringLower(SHA256.HashData(certificate.Span).AsSpan(0, 12))}.der", certificate);
        }

        foreach (ReadOnlyMemory<byte> crl in found.SnpCrls)
        {
            WriteCrl(crl);
        }

        if (found.Tdx is not { } tdx)
        {
            return;
        }

        string fmspc = Convert.ToHexStringLower(request.Fmspc.Span);
        Write($"tdx-{fmspc}-tcb-info.json", tdx.TcbInfo);
        Write($"tdx-{fmspc}-tcb-info.pem", tdx.TcbInfoChain);
        Write("tdx-qe-identity.json", tdx.QeIdentity);
        Write("tdx-qe-identity.pem", tdx.QeIdentityChain);
        WriteCrl(tdx.PckCrl);
        WriteCrl(tdx.RootCrl);
    }

    // A newer list of an issuer takes the place of the older.
    private void WriteCrl(ReadOnlyMemory<byte> crl)
    {
        try
        {
            string issuer = Convert.ToHexStringLower(SHA256.HashData(RevocationList.Parse(crl.Span).Issuer.Span).AsSpan(0, 12));
            Write($"crl-{issuer}.der", crl);
        }
        catch (EvidenceFormatException)
        {
            // Not kept; the verifier says what is wrong with it.
        }
    }

    private void Write(string name, ReadOnlyMemory<byte> content)
    {
        if (content.IsEmpty)
        {
            return;
        }

        string target = Path.Combine(folder, name), temporary = $"{target}.{Guid.NewGuid():n}.tmp";
        File.WriteAllBytes(temporary, content.ToArray());
        File.Move(temporary, target, overwrite: true);
    }
}
