namespace Pavise.Attestation.Snp;

/// <summary>Which bytes of a report must be zero (SEV-SNP ABI 1.58, ATTESTATION_REPORT and the ECDSA P-384 signature's format). From inclusive, to exclusive.</summary>
internal static class SnpReservedBytes
{
    private static readonly (int From, int To)[] All =
    [
        (0x04C, 0x050),
        (0x18B, 0x1A0),
        (0x1EB, 0x1EC),
        (0x1EF, 0x1F0),
        (0x208, 0x2A0),
        (0x2D0, 0x2E8), // behind the 48 bytes of R
        (0x318, 0x330), // behind the 48 bytes of S
        (0x330, 0x4A0),
    ];

    private static readonly (int From, int To)[] Version2 = [.. All, (0x188, 0x18B), (0x1F8, 0x208)];
    private static readonly (int From, int To)[] Version3 = [.. All, (0x1F8, 0x208)];

    public static (int From, int To)[] Of(uint version) => version switch
    {
        2 => Version2,
        3 => Version3,
        _ => All,
    };
}
