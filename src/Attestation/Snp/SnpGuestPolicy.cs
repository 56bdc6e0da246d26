namespace Pavise.Attestation.Snp;

/// <summary>The guest policy of a launch (SEV-SNP ABI, GUEST_POLICY). This is AMD's term: it has nothing to do with a Pavise policy.</summary>
/// <param name="Raw">The eight bytes.</param>
public readonly record struct SnpGuestPolicy(ulong Raw)
{
    private const ulong MustBeOne = 1UL << 17;

    /// <summary>Bits 63:26 (ABI 1.58).</summary>
    private const ulong Reserved = ~0x3FF_FFFFUL;

    /// <summary>ABI minor version that the guest demands at least.</summary>
    public byte AbiMinor => (byte)Raw;

    /// <summary>ABI major version that the guest demands at least.</summary>
    public byte AbiMajor => (byte)(Raw >> 8);

    /// <summary>Simultaneous multithreading is allowed.</summary>
    public bool Smt => Bit(16);

    /// <summary>A migration agent may be associated.</summary>
    public bool Migration => Bit(18);

    /// <summary>The host may debug the guest, that is read and write its memory.</summary>
    public bool Debug => Bit(19);

    /// <summary>The guest may run on one socket only.</summary>
    public bool SingleSocket => Bit(20);

    /// <summary>Whether bit 17 is one and the reserved bits are zero.</summary>
    public bool IsWellFormed => (Raw & MustBeOne) != 0 && (Raw & Reserved) == 0;

    private bool Bit(int index) => (Raw >> index & 1) != 0;
}
