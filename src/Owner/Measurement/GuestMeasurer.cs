using System.Security.Cryptography;
using Pavise.Attestation;
using Pavise.Attestation.Launch;
using Pavise.Owner.GuestBuild;
using Pavise.Owner.GuestBuild.Manifest;

namespace Pavise.Owner.Measurement;

/// <summary>Computes expected launch values from a guest image folder, offline.</summary>
internal static class GuestMeasurer
{
    private const string Init = "/init";

    private static readonly string[] WithoutFirmware = ["tcg", "kvm", "process"], WithFirmware = ["snp", "tdx"];

    /// <exception cref="OwnerException">The folder is not what its manifest says, or something is missing.</exception>
    internal static IReadOnlyList<MeasuredLaunch> Measure(MeasureOptions options)
    {
        (GuestManifest manifest, IReadOnlyList<string> differences) = ImageCheck.Check(options.Folder);
        if (differences.Count > 0)
        {
            throw new OwnerException($"{options.Folder} is not what its manifest says: {differences[0]}", "build the image again with `pavise guest build`");
        }

        if (options.Machine is { } one)
        {
            return [One(one, options, manifest)];
        }

        string[] machines = options.Firmware is null ? WithoutFirmware : [.. WithoutFirmware, .. WithFirmware.Where(m => FitsFirmware(m, options))];
        return [.. machines.Select(m => One(m, options, manifest))];
    }

    private static MeasuredLaunch One(string machine, MeasureOptions options, GuestManifest manifest)
    {
        try
        {
            return machine switch
            {
                "snp" => Snp(options, manifest),
                "tdx" => Tdx(options, manifest),
                "process" => Process(options, manifest),
                _ => new(machine, TeeKind.Simulated, new(SimulatedLaunch.OfMachine(Boot(options, manifest, machine))), "simulated: proves nothing"),
            };
        }
        catch (LaunchInputException e)
        {
            throw new OwnerException($"{machine}: {e.Message}", machine is "snp" or "tdx" ? "name the OVMF that the host uses with --firmware" : null, e);
        }
    }

    private static MeasuredLaunch Snp(MeasureOptions options, GuestManifest manifest)
    {
        SnpLaunch launch = new()
        {
            Firmware = SnpFirmware.Read(Firmware(options, "snp")),
            Vcpus = options.Vcpus,
            CpuidSignature = options.CpuidSignature,
            Features = options.Features,
            Vmm = options.Vmm,
            Boot = Boot(options, manifest, "snp"),
        };
        string vmm = options.Vmm == SnpVmm.Qemu ? "QEMU" : "EC2";
        return new("snp", TeeKind.Snp, new(launch.Digest()), $"{options.Vcpus} vCPU {options.VcpuType}, {vmm}, SEV features 0x{options.Features:x}");
    }

    private static MeasuredLaunch Tdx(MeasureOptions options, GuestManifest manifest)
    {
        TdxLaunch launch = new()
        {
            Firmware = TdxFirmware.Read(Firmware(options, "tdx")),
            Kernel = Read(options, manifest.Kernel),
            Initrd = Read(options, manifest.Initrd),
            CommandLine = CommandLine(manifest, "tdx"),
            MemoryBytes = options.MemoryBytes,
        };
        string volumes = string.Join(", ", launch.Firmware.ConfigurationVolumes().Select(v => Convert.ToHexStringLower(v.Span)));
        string tables = options.Rtmr0 is null
            ? "RTMR0 (TD HOB, boot variables, ACPI tables) is not computed and left open: evidence is not compared with it unless --rtmr0 names it"
            : "RTMR0 is the given one, not computed";
        return new(
            "tdx", TeeKind.Tdx, launch.Measure() with { Rtmr0 = options.Rtmr0 },
            $"{options.MemoryBytes >> 20} MiB; UNVERIFIED: no published answer, not run on hardware; {tables}; of its events only the configuration volume follows from the firmware: {(volumes.Length == 0 ? "none" : volumes)}");
    }

    private static MeasuredLaunch Process(MeasureOptions options, GuestManifest manifest)
    {
        byte[] hash = options.Guest is { } program
            ? SHA256.HashData(File.ReadAllBytes(program))
            : Convert.FromHexString(manifest.Files.FirstOrDefault(f => f.Path == Init)?.Sha256 ?? throw new OwnerException($"the image has no {Init}"));
        return new("process", TeeKind.Simulated, new(SimulatedLaunch.OfProcess(hash)), "simulated: proves nothing");
    }

    private static BootHashes Boot(MeasureOptions options, GuestManifest manifest, string machine) =>
        BootHashes.Of(Read(options, manifest.Kernel), Read(options, manifest.Initrd), CommandLine(manifest, machine));

    private static byte[] Read(MeasureOptions options, ManifestFile file) => File.ReadAllBytes(Path.Combine(options.Folder, file.Path));

    private static string CommandLine(GuestManifest manifest, string machine) =>
        manifest.CommandLines.TryGetValue(machine, out string? line) ? line : throw new OwnerException($"the guest image has no command line for {machine}");

    private static byte[] Firmware(MeasureOptions options, string machine) =>
        options.Firmware is { } file ? File.ReadAllBytes(file) : throw new OwnerException($"{machine} measures the firmware too", "name the OVMF that the host uses with --firmware");

    // An OVMF may be built for one of the two.
    private static bool FitsFirmware(string machine, MeasureOptions options)
    {
        try
        {
            _ = machine == "snp" ? SnpFirmware.Read(Firmware(options, machine)) : (object)TdxFirmware.Read(Firmware(options, machine));
            return true;
        }
        catch (LaunchInputException)
        {
            return false;
        }
    }
}
