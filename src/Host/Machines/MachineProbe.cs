namespace Pavise.Host.Machines;

/// <summary>Finds what the machine really offers.</summary>
public static class MachineProbe
{
    /// <summary>The strongest machine there really is. Never <see cref="MachineKind.Process"/>: who wants no protection has to say so.</summary>
    public static MachineKind Strongest(IHostFacts facts)
    {
        foreach (MachineKind kind in (MachineKind[])[MachineKind.Snp, MachineKind.Tdx, MachineKind.Kvm])
        {
            if (Obstacle(kind, facts) is null)
            {
                return kind;
            }
        }

        return MachineKind.Tcg;
    }

    /// <summary>Why a machine cannot be had here; null if it can.</summary>
    public static string? Obstacle(MachineKind kind, IHostFacts facts) => kind switch
    {
        MachineKind.Snp when !facts.Exists("/dev/sev") => "there is no /dev/sev",
        MachineKind.Snp when !Enabled(facts, "/sys/module/kvm_amd/parameters/sev_snp") => "kvm_amd runs without sev_snp (see /sys/module/kvm_amd/parameters/sev_snp)",
        MachineKind.Snp or MachineKind.Tdx or MachineKind.Kvm when !facts.Exists("/dev/kvm") => "there is no /dev/kvm",
        MachineKind.Tdx when !Enabled(facts, "/sys/module/kvm_intel/parameters/tdx") => "kvm_intel runs without tdx (see /sys/module/kvm_intel/parameters/tdx)",
        // A /dev/kvm without these is an emulation or a passed-on device that cannot run a stock kernel.
        MachineKind.Kvm when !HasVirtualisation(facts) => "/dev/kvm exists but the processor offers neither svm nor vmx",
        _ => null,
    };

    /// <summary>The name in configuration, messages and state.</summary>
    public static string Name(MachineKind kind) => kind switch
    {
        MachineKind.Snp => "snp",
        MachineKind.Tdx => "tdx",
        MachineKind.Kvm => "kvm",
        MachineKind.Tcg => "tcg",
        _ => "process",
    };

    private static bool Enabled(IHostFacts facts, string parameter) => facts.ReadText(parameter)?.Trim() is "Y" or "1";

    private static bool HasVirtualisation(IHostFacts facts)
    {
        foreach (ReadOnlySpan<char> line in (facts.ReadText("/proc/cpuinfo") ?? "").AsSpan().EnumerateLines())
        {
            if (line.StartsWith("flags", StringComparison.Ordinal))
            {
                foreach (Range range in line.Split(' '))
                {
                    if (line[range] is "svm" or "vmx")
                    {
                        return true;
                    }
                }

                return false;
            }
        }

        return false;
    }
}
