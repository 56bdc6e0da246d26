namespace Pavise.Collateral;

/// <summary>The maximum of what a source reads, each with its reason.</summary>
internal static class CollateralLimits
{
    /// <summary>Files of a collateral folder: some ten per platform of a fleet that was verified from here.</summary>
    public const int Files = 10_000;

    /// <summary>Bytes of one file or answer: as a revocation list, the largest of them.</summary>
    public const int FileBytes = Attestation.AttestationLimits.CrlBytes;

    /// <summary>Characters of a chain in a header of Intel's answers: two certificates, percent-encoded, have some 4 KiB.</summary>
    public const int HeaderChars = 32 * 1024;
}
