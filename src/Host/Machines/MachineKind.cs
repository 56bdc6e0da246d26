namespace Pavise.Host.Machines;

/// <summary>What a pVM runs on, from the strongest isolation to none.</summary>
public enum MachineKind
{
    /// <summary>AMD SEV-SNP confidential VM.</summary>
    Snp,

    /// <summary>Intel TDX confidential VM.</summary>
    Tdx,

    /// <summary>A VM on hardware virtualisation; the host can read its memory.</summary>
    Kvm,

    /// <summary>A VM in software; the host can read its memory.</summary>
    Tcg,

    /// <summary>Linux namespaces only: no protection from the host whatever.</summary>
    Process,
}
