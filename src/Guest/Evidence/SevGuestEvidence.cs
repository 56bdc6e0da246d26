using Pavise.Attestation;
using Pavise.Boundary;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Evidence;

/// <summary>The device of AMD SEV-SNP guests, for kernels before 6.7. Not run on hardware; the layout of its messages is tested.</summary>
internal sealed class SevGuestEvidence : IEvidenceSource
{
    public TeeKind Tee => TeeKind.Snp;

    /// <summary>The source, if the device is there.</summary>
    public static SevGuestEvidence? Find() => File.Exists(SevGuestDevice.Path) ? new SevGuestEvidence() : null;

    public Task<Untrusted<byte[]>> ReportAsync(ReadOnlyMemory<byte> reportData, CancellationToken cancellation) => Task.Run(
        () =>
        {
            try
            {
                return new Untrusted<byte[]>(SevGuestDevice.Report(reportData.Span));
            }
            catch (LinuxException e)
            {
                throw new IOException(e.Message, e);
            }
        },
        cancellation);
}
