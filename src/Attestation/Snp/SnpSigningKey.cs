namespace Pavise.Attestation.Snp;

/// <summary>Which key signed a report (SIGNING_KEY, bits 4:2 of offset 0x48).</summary>
public enum SnpSigningKey
{
    /// <summary>Versioned chip endorsement key: one chip, one TCB.</summary>
    Vcek = 0,

    /// <summary>Versioned loaded endorsement key: one cloud provider, one TCB.</summary>
    Vlek = 1,

    /// <summary>None: the report is not signed.</summary>
    None = 7,
}
