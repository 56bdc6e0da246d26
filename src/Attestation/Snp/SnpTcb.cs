using System.Globalization;

namespace Pavise.Attestation.Snp;

/// <summary>
/// Security versions of a platform's firmware (SEV-SNP ABI, TCB_VERSION). Milan and Genoa: byte 0 boot loader, 1 TEE, 6 SNP, 7 microcode; Turin: byte 0
/// FMC, 1 boot loader, 2 TEE, 3 SNP, 7 microcode; the others are reserved.
/// </summary>
/// <param name="BootLoader">Boot loader.</param>
/// <param name="Tee">PSP operating system.</param>
/// <param name="Snp">SNP firmware.</param>
/// <param name="Microcode">Microcode.</param>
/// <param name="Fmc">Turin: FMC; else 0.</param>
public readonly record struct SnpTcb(byte BootLoader, byte Tee, byte Snp, byte Microcode, byte Fmc = 0)
{
    private const ulong ReservedBeforeTurin = 0x0000_FFFF_FFFF_0000;
    private const ulong ReservedOnTurin = 0x00FF_FFFF_0000_0000;

    /// <summary>Reads the eight bytes of a report.</summary>
    /// <returns>Null when reserved bytes are set.</returns>
    public static SnpTcb? Read(ulong raw, SnpProduct product)
    {
        byte At(int index) => (byte)(raw >> (8 * index));
        return product == SnpProduct.Turin
            ? (raw & ReservedOnTurin) == 0 ? new(At(1), At(2), At(3), At(7), At(0)) : null
            : (raw & ReservedBeforeTurin) == 0 ? new(At(0), At(1), At(6), At(7)) : null;
    }

    /// <summary>Whether each part is at least the other's.</summary>
    public bool IsAtLeast(SnpTcb minimum) =>
        BootLoader >= minimum.BootLoader && Tee >= minimum.Tee && Snp >= minimum.Snp && Microcode >= minimum.Microcode && Fmc >= minimum.Fmc;

    /// <summary>Reads <c>bootloader.tee.snp.microcode</c>, or with <c>.fmc</c> behind (Turin). Null when it is neither.</summary>
    public static SnpTcb? Find(string text)
    {
        string[] words = text.Split('.');
        byte[] parts = new byte[5];
        if (words.Length is not (4 or 5))
        {
            return null;
        }

        for (int i = 0; i < words.Length; i++)
        {
            if (!byte.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out parts[i]))
            {
                return null;
            }
        }

        return new(parts[0], parts[1], parts[2], parts[3], parts[4]);
    }

    /// <summary><c>bootloader.tee.snp.microcode</c>, with <c>.fmc</c> behind where it is not zero.</summary>
    public override string ToString() => Fmc == 0 ? $"{BootLoader}.{Tee}.{Snp}.{Microcode}" : $"{BootLoader}.{Tee}.{Snp}.{Microcode}.{Fmc}";
}
