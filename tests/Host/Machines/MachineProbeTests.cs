using Pavise.Host.Machines;

namespace Pavise.Host.Tests.Machines;

public sealed class MachineProbeTests
{
    private static MachineKind Strongest(params (string Path, string Text)[] files) => MachineProbe.Strongest(new Facts(files));

    [Fact]
    public void A_device_without_processor_support_is_no_kvm() =>
        Assert.Equal(MachineKind.Tcg, Strongest(("/dev/kvm", ""), ("/proc/cpuinfo", "flags\t\t: fpu sse2 svm_lock\n")));

    [Theory]
    [InlineData("svm")]
    [InlineData("vmx")]
    public void Kvm_needs_the_device_and_the_processor(string flag) =>
        Assert.Equal(MachineKind.Kvm, Strongest(("/dev/kvm", ""), ("/proc/cpuinfo", $"flags\t\t: fpu {flag} sse2\n")));

    [Fact]
    public void Snp_is_stronger_than_kvm() =>
        Assert.Equal(MachineKind.Snp, Strongest(("/dev/kvm", ""), ("/dev/sev", ""), ("/sys/module/kvm_amd/parameters/sev_snp", "Y\n"), ("/proc/cpuinfo", "flags : svm")));

    [Fact]
    public void A_sev_device_without_snp_is_not_snp() =>
        Assert.Equal(MachineKind.Kvm, Strongest(("/dev/kvm", ""), ("/dev/sev", ""), ("/sys/module/kvm_amd/parameters/sev_snp", "N\n"), ("/proc/cpuinfo", "flags : svm")));

    [Fact]
    public void Tdx_is_found_by_the_parameter_of_kvm_intel() =>
        Assert.Equal(MachineKind.Tdx, Strongest(("/dev/kvm", ""), ("/sys/module/kvm_intel/parameters/tdx", "Y\n"), ("/proc/cpuinfo", "flags : vmx")));

    [Fact]
    public void An_empty_machine_has_software_emulation_and_never_process() => Assert.Equal(MachineKind.Tcg, Strongest());

    private sealed class Facts((string Path, string Text)[] files) : IHostFacts
    {
        public bool Exists(string path) => files.Any(f => f.Path == path);

        public string? ReadText(string path) => files.FirstOrDefault(f => f.Path == path).Text;
    }
}
