using System.Security.Cryptography;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Snp;

namespace Pavise.Collateral;

/// <summary>
/// A folder that keeps what another source found and is genuine: <c>shared/</c> for what all platforms have in common (intermediates, roots, revocation lists, QE
/// identity), a folder for each platform beside it. The other source is asked again when something is missing or no longer fresh, and no more often than
/// <see cref="AskLimit.PerMinute"/>; when it cannot be asked, what the folder has is given, and the verifier judges its age. Nothing takes the place of something
/// newer. Each folder is a <see cref="CollateralFolder"/>.
/// </summary>
public sealed class CollateralCache : ICollateralSource
{
    /// <summary>Platforms that are kept: a chip has 2 KiB here, and clusters have some hundred.</summary>
    internal const int Platforms = 4096;

    private const string Shared = "shared";

    private readonly string _folder;
    private readonly ICollateralSource _source;
    private readonly TimeProvider _time;
    private readonly PinnedRoots _roots;
    private readonly AskLimit _limit;
    private readonly int _platforms;

    /// <summary>Puts a folder before a source.</summary>
    /// <param name="folder">The folder; it is made when it is missing.</param>
    /// <param name="source">The source behind it.</param>
    /// <param name="time">The clock for freshness.</param>
    public CollateralCache(string folder, ICollateralSource source, TimeProvider time)
        : this(folder, source, time, PinnedRoots.Vendors)
    {
    }

    internal CollateralCache(string folder, ICollateralSource source, TimeProvider time, PinnedRoots roots, int platforms = Platforms) =>
        (_folder, _source, _time, _roots, _limit, _platforms) = (folder, source, time, roots, new(time), platforms);

    /// <inheritdoc/>
    public async Task<VerificationCollateral> FindAsync(CollateralRequest request, CancellationToken cancellation)
    {
        string platform = Key(request);
        VerificationCollateral kept = await KeptAsync(platform, request, cancellation);
        if (Completeness.IsComplete(kept, request, _time.GetUtcNow()))
        {
            return kept;
        }

        try
        {
            VerificationCollateral found = _limit.Take()
                ? await _source.FindAsync(request, cancellation)
                : throw new CollateralException($"the vendor's service was asked {AskLimit.PerMinute} times in the last minute: not asked again yet");
            Keep(Vetting.Genuine(found, _roots), platform);
            return (await KeptAsync(platform, request, cancellation)).With(found);
        }
        catch (CollateralException) when (kept.Tdx is not null || !kept.SnpCertificates.IsEmpty)
        {
            return kept;
        }
    }

    private static string Key(CollateralRequest request)
    {
        byte[] name = [.. System.Text.Encoding.ASCII.GetBytes($"{request.Tee}/{request.SigningKey}/{request.ReportedTcb:x16}/"), .. request.ChipId.Span, .. request.Fmspc.Span];
        return Convert.ToHexStringLower(SHA256.HashData(name).AsSpan(0, 16));
    }

    private async Task<VerificationCollateral> KeptAsync(string platform, CollateralRequest request, CancellationToken cancellation)
    {
        string[] folders = [.. new[] { platform, Shared }.Select(f => Path.Combine(_folder, f)).Where(Directory.Exists)];
        return folders.Length == 0 ? VerificationCollateral.None : await CollateralFolder.Open(folders).FindAsync(request, cancellation);
    }

    private void Keep(VerificationCollateral genuine, string platform)
    {
        foreach (ReadOnlyMemory<byte> certificate in genuine.SnpCertificates)
        {
            string name = $"snp-{Convert.ToHexStringLower(SHA256.HashData(certificate.Span).AsSpan(0, 12))}.der";
            Write(SnpCertificate.Is(DerCertificate.Parse(certificate.Span)) ? platform : Shared, name, certificate);
        }

        foreach (ReadOnlyMemory<byte> crl in genuine.SnpCrls)
        {
            KeepCrl(crl);
        }

        if (genuine.Tdx is { } tdx)
        {
            if (IsNewer(tdx.TcbInfo, platform, "tdx-tcb-info.json"))
            {
                Write(platform, "tdx-tcb-info.json", tdx.TcbInfo);
                Write(platform, "tdx-tcb-info.pem", tdx.TcbInfoChain);
            }

            if (IsNewer(tdx.QeIdentity, Shared, "tdx-qe-identity.json"))
            {
                Write(Shared, "tdx-qe-identity.json", tdx.QeIdentity);
                Write(Shared, "tdx-qe-identity.pem", tdx.QeIdentityChain);
            }

            KeepCrl(tdx.PckCrl);
            KeepCrl(tdx.RootCrl);
        }

        Prune();
    }

    private void KeepCrl(ReadOnlyMemory<byte> crl)
    {
        if (crl.IsEmpty)
        {
            return;
        }

        string name = $"crl-{Convert.ToHexStringLower(SHA256.HashData(RevocationList.Parse(crl.Span).Issuer.Span).AsSpan(0, 12))}.der";
        if (IsNewer(crl, Shared, name))
        {
            Write(Shared, name, crl);
        }
    }

    // The platforms that were fetched longest ago go first; they are fetched again when they are needed.
    private void Prune()
    {
        DirectoryInfo[] platforms = Directory.Exists(_folder) ? [.. new DirectoryInfo(_folder).EnumerateDirectories().Where(d => d.Name != Shared)] : [];
        foreach (DirectoryInfo old in platforms.OrderBy(d => d.LastWriteTimeUtc).Take(Math.Max(0, platforms.Length - _platforms)))
        {
            try
            {
                old.Delete(recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another process prunes too, or will.
            }
        }
    }

    private bool IsNewer(ReadOnlyMemory<byte> content, string part, string name)
    {
        string file = Path.Combine(_folder, part, name);
        return !content.IsEmpty && (!File.Exists(file) || Made(content.ToArray()) >= Made(File.ReadAllBytes(file)));
    }

    private static DateTimeOffset Made(byte[] content) => CollateralItem.Recognise(content) switch
    {
        [CollateralItem.Crl crl] => crl.Value.ThisUpdate,
        [CollateralItem.PlatformInfo info] => info.Value.IssueDate,
        [CollateralItem.Enclave enclave] => enclave.Value.IssueDate,
        _ => DateTimeOffset.MinValue,
    };

    private void Write(string part, string name, ReadOnlyMemory<byte> content)
    {
        string folder = Path.Combine(_folder, part), target = Path.Combine(folder, name), temporary = $"{target}.{Guid.NewGuid():n}{CollateralFolder.Unfinished}";
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(temporary, content.ToArray());
        File.Move(temporary, target, overwrite: true);
    }
}
