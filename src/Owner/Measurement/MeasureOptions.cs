using Pavise.Attestation.Launch;

namespace Pavise.Owner.Measurement;

/// <summary>What `pavise measure` measures.</summary>
internal sealed record MeasureOptions
{
    /// <summary>The guest image folder.</summary>
    public required string Folder { get; init; }

    /// <summary>snp, tdx, tcg, kvm, process; all that can be computed without it.</summary>
    public string? Machine { get; init; }

    /// <summary>OVMF for snp and tdx.</summary>
    public string? Firmware { get; init; }

    /// <summary>Number of vCPUs (snp).</summary>
    public int Vcpus { get; init; } = 1;

    /// <summary>CPUID signature of the vCPU model (snp).</summary>
    public uint CpuidSignature { get; init; }

    /// <summary>Name of the vCPU model, for the note.</summary>
    public string VcpuType { get; init; } = "";

    /// <summary>SEV_FEATURES (snp).</summary>
    public ulong Features { get; init; } = 1;

    /// <summary>The hypervisor (snp).</summary>
    public SnpVmm Vmm { get; init; }

    /// <summary>Bytes of guest memory (tdx).</summary>
    public ulong MemoryBytes { get; init; }

    /// <summary>RTMR0 as the owner knows it (tdx), 48 bytes; null: left open.</summary>
    public ReadOnlyMemory<byte>? Rtmr0 { get; init; }

    /// <summary>The guest program (process); otherwise the image's own.</summary>
    public string? Guest { get; init; }
}
