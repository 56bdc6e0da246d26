namespace Pavise.Attestation.Launch;

/// <summary>What an SNP launch is made of.</summary>
public sealed record SnpLaunch
{
    /// <summary>Most vCPUs of a guest that QEMU runs.</summary>
    public const int MaxVcpus = 4096;

    /// <summary>The firmware.</summary>
    public required SnpFirmware Firmware { get; init; }

    /// <summary>Number of vCPUs.</summary>
    public required int Vcpus { get; init; }

    /// <summary>CPUID signature of the vCPUs' model.</summary>
    public required uint CpuidSignature { get; init; }

    /// <summary>SEV_FEATURES: bit 0 SNP active; bit 5 debug register swap, which some kernels set.</summary>
    public ulong Features { get; init; } = 1;

    /// <summary>Who launches.</summary>
    public SnpVmm Vmm { get; init; } = SnpVmm.Qemu;

    /// <summary>What a measured direct boot loads; null: the firmware boots from elsewhere and checks nothing.</summary>
    public BootHashes? Boot { get; init; }

    /// <summary>The launch digest, 48 bytes: MEASUREMENT of the guest's reports.</summary>
    /// <exception cref="LaunchInputException">The firmware cannot be launched like this.</exception>
    public ReadOnlyMemory<byte> Digest()
    {
        if (Vcpus is < 1 or > MaxVcpus)
        {
            throw new LaunchInputException($"a guest has 1 to {MaxVcpus} vCPUs, not {Vcpus}");
        }

        SnpLaunchContext context = new();
        context.AddNormal(Firmware.Table.Base, Firmware.Table.Image.Span);
        AddSections(context);
        for (int i = 0; i < Vcpus; i++)
        {
            context.AddVmsa(SnpVmsa.Page(i == 0 ? SnpVmsa.BootAddress : Firmware.ResetAddress, Features, CpuidSignature, Vmm));
        }

        return context.Digest;
    }

    /// <summary>The digest after the firmware's pages alone.</summary>
    internal ReadOnlyMemory<byte> FirmwareDigest()
    {
        SnpLaunchContext context = new();
        context.AddNormal(Firmware.Table.Base, Firmware.Table.Image.Span);
        return context.Digest;
    }

    private void AddSections(SnpLaunchContext context)
    {
        bool hashes = false;
        foreach (SnpSection section in Firmware.Sections.Where(s => Vmm != SnpVmm.Ec2 || s.Kind != SnpSectionKind.Cpuid))
        {
            hashes |= section.Kind == SnpSectionKind.KernelHashes;
            AddSection(context, section);
        }

        // EC2 adds the CPUID page last.
        foreach (SnpSection section in Firmware.Sections.Where(s => Vmm == SnpVmm.Ec2 && s.Kind == SnpSectionKind.Cpuid))
        {
            AddSection(context, section);
        }

        if (Boot is not null && !hashes)
        {
            throw new LaunchInputException("the firmware has no page of kernel hashes: it would boot any kernel. Use an OVMF of the AmdSev build");
        }
    }

    private void AddSection(SnpLaunchContext context, SnpSection section)
    {
        switch (section.Kind)
        {
            case SnpSectionKind.Secrets:
                context.AddUnmeasured(SnpPageType.Secrets, section.Address, section.Bytes);
                break;
            case SnpSectionKind.Cpuid:
                context.AddUnmeasured(SnpPageType.Cpuid, section.Address, section.Bytes);
                break;
            case SnpSectionKind.KernelHashes when Boot is { } boot:
                if (section.Bytes != SnpLaunchContext.PageBytes || Firmware.HashTableAddress / SnpLaunchContext.PageBytes != section.Address / SnpLaunchContext.PageBytes)
                {
                    throw new LaunchInputException("the firmware's table of kernel hashes is not in the page that it declares for it");
                }

                context.AddNormal(section.Address, KernelHashesPage.Create(boot, (int)(Firmware.HashTableAddress % SnpLaunchContext.PageBytes)));
                break;
            default:
                context.AddUnmeasured(SnpPageType.Zero, section.Address, section.Bytes);
                break;
        }
    }
}
