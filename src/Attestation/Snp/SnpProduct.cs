namespace Pavise.Attestation.Snp;

/// <summary>Generation of AMD processors; each has its own root, the ARK.</summary>
public enum SnpProduct
{
    /// <summary>EPYC 7003.</summary>
    Milan,

    /// <summary>EPYC 9004 and 8004: Genoa, Bergamo, Siena.</summary>
    Genoa,

    /// <summary>EPYC 9005.</summary>
    Turin,
}

/// <summary>How a generation is recognised.</summary>
public static class SnpProducts
{
    /// <summary>By family and model as reports of version 3 and later carry them (AMD processor programming references). Null: unknown.</summary>
    public static SnpProduct? OfCpuid(byte family, byte model) => (family, model) switch
    {
        (0x19, <= 0x0F) => SnpProduct.Milan,
        (0x19, >= 0x10 and <= 0x1F) or (0x19, >= 0xA0 and <= 0xAF) => SnpProduct.Genoa,
        (0x1A, <= 0x11) => SnpProduct.Turin,
        _ => null,
    };

    /// <summary>By the product name of a certificate (<c>Milan-B0</c>) or of AMD's key distribution service (<c>Milan</c>). Null: unknown.</summary>
    public static SnpProduct? OfName(string name) => name.Split('-')[0] switch
    {
        "Milan" => SnpProduct.Milan,
        "Genoa" => SnpProduct.Genoa,
        "Turin" => SnpProduct.Turin,
        _ => null,
    };
}
