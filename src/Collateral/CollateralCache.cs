using System.Security.Cryptography;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Tdx;

namespace Pavise.Collateral;

/// <summary>
/// A folder that keeps what another source found and is genuine. The other one is asked again when something is missing or no longer fresh; when it cannot be
/// asked, what the folder has is given, and the verifier judges its age. Nothing takes the place of something newer. The files are those of a
/// <see cref="CollateralFolder"/>.
/// </summary>
public sealed class CollateralCache : ICollateralSource
{
    private readonly string _folder;
    private readonly ICollateralSource _source;
    private readonly TimeProvider _time;
    private readonly PinnedRoots _roots;

    /// <summary>Puts a folder before a source.</summary>
    /// <param name="folder">The folder; it is made when it is missing.</param>
    /// <param name="source">The source behind it.</param>
    /// <param name="time">The clock for freshness.</param>
    public CollateralCache(string folder, ICollateralSource source, TimeProvider time)
        : this(folder, source, time, PinnedRoots.Vendors)
    {
    }

    internal CollateralCache(string folder, ICollateralSource source, TimeProvider time, PinnedRoots roots) => (_folder, _source, _time, _roots) = (folder, source, time, roots);

    /// <inheritdoc/>
    public async Task<VerificationCollateral> FindAsync(CollateralRequest request, CancellationToken cancellation)
    {
        Directory.CreateDirectory(_folder);
        VerificationCollateral kept = await KeptAsync(request, cancellation);
        if (Completeness.IsComplete(kept, request, _time.GetUtcNow()))
        {
            return kept;
        }

        try
        {
            VerificationCollateral found = await _source.FindAsync(request, cancellation);
            Keep(Vetting.Genuine(found, _roots), request);
            return (await KeptAsync(request, cancellation)).With(found);
        }
        catch (CollateralException) when (kept.Tdx is not null || !kept.SnpCertificates.IsEmpty)
        {
            return kept;
        }
    }

    private Task<VerificationCollateral> KeptAsync(CollateralRequest request, CancellationToken cancellation) => CollateralFolder.Open(_folder).FindAsync(request, cancellation);

    private void Keep(VerificationCollateral genuine, CollateralRequest request)
    {
        foreach (ReadOnlyMemory<byte> certificate in genuine.SnpCertificates)
        {
            Write($"snp-{Convert.ToHexStringLower(SHA256.HashData(certificate.Span).AsSpan(0, 12))}.der", certificate);
        }

        foreach (ReadOnlyMemory<byte> crl in genuine.SnpCrls)
        {
            KeepCrl(crl);
        }

        if (genuine.Tdx is not { } tdx)
        {
            return;
        }

        string platform = $"tdx-{Convert.ToHexStringLower(request.Fmspc.Span)}-tcb-info";
        if (IsNewer(tdx.TcbInfo, $"{platform}.json"))
        {
            Write($"{platform}.json", tdx.TcbInfo);
            Write($"{platform}.pem", tdx.TcbInfoChain);
        }

        if (IsNewer(tdx.QeIdentity, "tdx-qe-identity.json"))
        {
            Write("tdx-qe-identity.json", tdx.QeIdentity);
            Write("tdx-qe-identity.pem", tdx.QeIdentityChain);
        }

        KeepCrl(tdx.PckCrl);
        KeepCrl(tdx.RootCrl);
    }

    private void KeepCrl(ReadOnlyMemory<byte> crl)
    {
        if (crl.IsEmpty)
        {
            return;
        }

        string name = $"crl-{Convert.ToHexStringLower(SHA256.HashData(RevocationList.Parse(crl.Span).Issuer.Span).AsSpan(0, 12))}.der";
        if (IsNewer(crl, name))
        {
            Write(name, crl);
        }
    }

    private bool IsNewer(ReadOnlyMemory<byte> content, string name)
    {
        string file = Path.Combine(_folder, name);
        return !content.IsEmpty && (!File.Exists(file) || Made(content.ToArray()) >= Made(File.ReadAllBytes(file)));
    }

    private static DateTimeOffset Made(byte[] content) => CollateralItem.Recognise(content) switch
    {
        [CollateralItem.Crl crl] => crl.Value.ThisUpdate,
        [CollateralItem.PlatformInfo info] => info.Value.IssueDate,
        [CollateralItem.Enclave enclave] => enclave.Value.IssueDate,
        _ => DateTimeOffset.MinValue,
    };

    private void Write(string name, ReadOnlyMemory<byte> content)
    {
        string target = Path.Combine(_folder, name), temporary = $"{target}.{Guid.NewGuid():n}.tmp";
        File.WriteAllBytes(temporary, content.ToArray());
        File.Move(temporary, target, overwrite: true);
    }
}
