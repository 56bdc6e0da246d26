using System.CommandLine;
using System.Globalization;
using Pavise.Attestation.Launch;
using Pavise.Owner.Measurement;

namespace Pavise.Owner.Commands;

/// <summary>`pavise measure DIR`: what a launch of a guest build must measure to, computed without any machine.</summary>
internal static class MeasureCommand
{
    private const string DefaultVcpuType = "EPYC-v4";

    internal static Command Create()
    {
        Argument<string> folder = new("DIR") { Description = "A guest image folder, made by `pavise guest build`." };
        Option<string?> machine = new("--machine") { Description = "snp, tdx, tcg, kvm or process [all that the given files allow]." };
        machine.AcceptOnlyFromAmong("snp", "tdx", "tcg", "kvm", "process");
        Option<string?> firmware = new("--firmware") { Description = "snp, tdx: the OVMF that the host uses." };
        Option<int> vcpus = new("--vcpus") { Description = "snp: number of vCPUs [1].", DefaultValueFactory = _ => 1 };
        Option<string> type = new("--vcpu-type") { Description = $"snp: QEMU's model, or a CPUID signature such as 0x00a00f11 [{DefaultVcpuType}].", DefaultValueFactory = _ => DefaultVcpuType };
        Option<string> features = new("--features") { Description = "snp: SEV features, hexadecimal [0x1].", DefaultValueFactory = _ => "0x1" };
        Option<string> vmm = new("--vmm") { Description = "snp: qemu or ec2 [qemu].", DefaultValueFactory = _ => "qemu" };
        vmm.AcceptOnlyFromAmong("qemu", "ec2");
        Option<ulong> memory = new("--memory") { Description = "tdx: MiB of guest memory [512].", DefaultValueFactory = _ => 512 };
        Option<string?> rtmr0 = new("--rtmr0") { Description = "tdx: RTMR0 as you saw it on a launch that you trust, 96 hexadecimal digits; it cannot be computed [left open: ACPI tables are not compared]." };
        Option<string?> guest = new("--guest") { Description = "process: the pavise-guest program that the host runs [the image's]." };
        Option<bool> json = new("--json") { Description = "Print JSON, which `pavise verify --measurement` reads." };
        Command command = new("measure", "Prints what a launch of a guest image must measure to.") { folder, machine, firmware, vcpus, type, features, vmm, memory, rtmr0, guest, json };
        command.SetAction(parsed =>
        {
            string vcpuType = parsed.GetRequiredValue(type);
            IReadOnlyList<MeasuredLaunch> launches = GuestMeasurer.Measure(new()
            {
                Folder = parsed.GetRequiredValue(folder),
                Machine = parsed.GetValue(machine),
                Firmware = parsed.GetValue(firmware),
                Vcpus = parsed.GetValue(vcpus),
                CpuidSignature = VcpuTypes.Signature(vcpuType) ?? (uint)Hexadecimal(vcpuType, uint.MaxValue, "--vcpu-type", $"known models: {string.Join(", ", VcpuTypes.Names)}"),
                VcpuType = vcpuType,
                Features = Hexadecimal(parsed.GetRequiredValue(features), ulong.MaxValue, "--features", "such as 0x1"),
                Vmm = parsed.GetValue(vmm) == "ec2" ? SnpVmm.Ec2 : SnpVmm.Qemu,
                MemoryBytes = parsed.GetValue(memory) << 20,
                Rtmr0 = parsed.GetValue(rtmr0) is { } register ? Register(register) : default(ReadOnlyMemory<byte>?),
                Guest = parsed.GetValue(guest),
            });
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
            {
                output.WriteLine(MeasurementFormat.Write(launches));
            }
            else
            {
                Print(output, launches);
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static void Print(TextWriter output, IReadOnlyList<MeasuredLaunch> launches)
    {
        foreach (MeasuredLaunch launch in launches)
        {
            output.WriteLine($"{launch.Machine,-8} {(launch.Machine == "tdx" ? "mrtd" : "measurement"),-12} {Convert.ToHexStringLower(launch.Value.Digest.Span)}");
            foreach ((string name, ReadOnlyMemory<byte>? value) in MeasurementFormat.Registers(launch.Value))
            {
                if (value is { } register)
                {
                    output.WriteLine($"{"",-8} {name,-12} {Convert.ToHexStringLower(register.Span)}");
                }
            }

            output.WriteLine($"{"",-8} ({launch.Note})");
        }
    }

    private static ReadOnlyMemory<byte> Register(string text)
    {
        try
        {
            return MeasurementFormat.Parse(text).Digest;
        }
        catch (FormatException e)
        {
            throw new OwnerException($"--rtmr0: {e.Message}", "read it in the verdict of a launch that you trust: pavise verify EVIDENCE, check tdx.rtmr0", e);
        }
    }

    private static ulong Hexadecimal(string text, ulong most, string option, string hint) =>
        text.StartsWith("0x", StringComparison.Ordinal) && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value) && value <= most
            ? value
            : throw new OwnerException($"{option}: `{text}` is not known", hint);
}
