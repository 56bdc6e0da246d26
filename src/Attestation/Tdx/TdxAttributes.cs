namespace Pavise.Attestation.Tdx;

/// <summary>Bits of a TD's ATTRIBUTES and XFAM (Intel TDX Module Base Architecture Specification, sections on TD attributes and XFAM).</summary>
public static class TdxAttributes
{
    /// <summary>The TD runs in debug mode: its memory is the host's.</summary>
    public const ulong Debug = 1UL << 0;

    /// <summary>Page faults that the host provokes do not become exceptions in the TD.</summary>
    public const ulong SeptVeDisable = 1UL << 28;

    /// <summary>The TD may be migrated.</summary>
    public const ulong Migratable = 1UL << 29;

    /// <summary>Supervisor protection keys.</summary>
    public const ulong Pks = 1UL << 30;

    /// <summary>Performance monitoring in the TD.</summary>
    public const ulong PerfMon = 1UL << 63;

    /// <summary>Bits of XFAM that are always one: x87 and SSE.</summary>
    public const ulong XfamFixed1 = 0x3;

    /// <summary>Bits of XFAM that may be one.</summary>
    public const ulong XfamFixed0 = 0x0006DBE7;
}
