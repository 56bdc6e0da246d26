namespace Pavise.Attestation;

/// <summary>What makes evidence. Policies and the key broker name them <c>snp</c>, <c>tdx</c> and <c>sim</c> (<see cref="TeeKinds"/>).</summary>
public enum TeeKind
{
    /// <summary>AMD SEV-SNP.</summary>
    Snp,

    /// <summary>Intel TDX.</summary>
    Tdx,

    /// <summary>The simulated secure processor of the machines without a TEE: proves nothing.</summary>
    Simulated,
}

/// <summary>The names of <see cref="TeeKind"/> in policies, in the key broker protocol and in verdicts.</summary>
public static class TeeKinds
{
    /// <summary>snp, tdx or sim.</summary>
    public static string Name(this TeeKind tee) => tee switch
    {
        TeeKind.Snp => "snp",
        TeeKind.Tdx => "tdx",
        _ => "sim",
    };

    /// <summary>The kind of a name, null for an unknown one.</summary>
    public static TeeKind? Find(string name) => name switch
    {
        "snp" => TeeKind.Snp,
        "tdx" => TeeKind.Tdx,
        "sim" => TeeKind.Simulated,
        _ => null,
    };
}
