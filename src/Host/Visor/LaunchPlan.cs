using System.Security.Cryptography;
using Google.Protobuf;
using Pavise.Boundary;
using Pavise.Host.Configuration;
using Pavise.Host.Machines;
using Pavise.Host.Protos;

namespace Pavise.Host.Visor;

/// <summary>From options and configuration to a launch request: finds the machine, the guest and the programs, and says what is missing.</summary>
internal static class LaunchPlan
{
    private const string GuestProgram = "pavise-guest";
    private static readonly string[] GuestProgramFolders = ["/usr/libexec/pavise", "/usr/lib/pavise"];
    private const string InstalledGuest = "/usr/share/pavise/guest/development";

    /// <summary>Makes the request.</summary>
    /// <exception cref="HostException">Something is missing or does not fit.</exception>
    public static LaunchRequest Make(LaunchOptions options, IHostFacts facts, string programFolder)
    {
        HostConfiguration configuration = options.Configuration;
        bool unshielded = options.Unshielded;
        if (options.Policy.IsEmpty != unshielded)
        {
            throw new HostException(unshielded
                ? "an unshielded sandbox takes no policy"
                : "a sandbox needs the owner's policy: make one by \"pavise policy generate\"");
        }

        if (options.Policy.Length > BoundaryLimits.PolicyBytes)
        {
            throw new HostException($"the policy is longer than {BoundaryLimits.PolicyBytes} bytes");
        }

        MachineKind machine = configuration.Machine ?? MachineProbe.Strongest(facts);
        if (MachineProbe.Obstacle(machine, facts) is { } obstacle)
        {
            throw new HostException($"machine {MachineProbe.Name(machine)} cannot be had here: {obstacle}. \"auto\" takes the strongest there is");
        }

        LaunchRequest request = new()
        {
            Directory = Path.GetFullPath(options.Directory),
            Machine = MachineProbe.Name(machine),
            Policy = UnsafeByteOperations.UnsafeWrap(options.Policy),
            Unshielded = unshielded,
            LaunchBinding = ByteString.CopyFrom(Binding(options, machine)),
            TimeoutSeconds = (uint)configuration.Timeout.TotalSeconds,
            OwnNetwork = options.Network?.Namespace is null,
            NetworkNamespace = options.Network?.Namespace ?? "",
            ResolvConf = options.Network?.ResolvConf ?? "",
            Hosts = options.Network?.Hosts ?? "",
        };
        if (machine == MachineKind.Process)
        {
            request.GuestProgram = FindGuestProgram(configuration, programFolder);
        }
        else
        {
            AddVm(request, options, machine, programFolder);
        }

        return request;
    }

    private static void AddVm(LaunchRequest request, LaunchOptions options, MachineKind machine, string programFolder)
    {
        HostConfiguration configuration = options.Configuration;
        QemuConfiguration qemu = configuration.Qemu;
        if (!File.Exists(qemu.Path))
        {
            throw new HostException($"there is no QEMU at {qemu.Path}: install the package qemu-system-x86, or set path under [qemu]");
        }

        if (machine is MachineKind.Snp or MachineKind.Tdx && !File.Exists(qemu.Firmware))
        {
            throw new HostException($"machine {request.Machine} needs an OVMF built for it: set firmware under [qemu]{(qemu.Firmware.Length > 0 ? $" ({qemu.Firmware} does not exist)" : "")}");
        }

        GuestImage image = GuestImage.Read(FindGuestImage(configuration, programFolder), machine);
        if (request.Unshielded && image.Flavour == "production")
        {
            throw new HostException("a production guest image has no unshielded mode: use a development one");
        }

        if (qemu.DebugConsole.Length > 0 && image.Flavour == "production")
        {
            throw new HostException("debug_console changes the command line and so the measurement: it works with a development guest image only");
        }

        if (qemu.VsockRecord.Length > 0 && image.Flavour == "production")
        {
            throw new HostException("vsock_record keeps what passes between guest and host: it works with a development guest image only");
        }

        request.Kernel = image.Kernel;
        request.Initrd = image.Initrd;
        request.CommandLine = qemu.DebugConsole.Length > 0 ? $"{image.CommandLine} console=ttyS0" : image.CommandLine;
        request.QemuPath = qemu.Path;
        request.QemuUser = qemu.User;
        PvmSize size = PvmSize.Of(options.Policy, qemu);
        request.MemoryMib = size.MemoryMib;
        request.Cpus = size.Cpus;
        request.Firmware = qemu.Firmware;
        request.DebugConsole = qemu.DebugConsole;
        request.VsockRecord = qemu.VsockRecord;
    }

    private static byte[] Binding(LaunchOptions options, MachineKind machine)
    {
        int length = machine == MachineKind.Tdx ? SHA384.HashSizeInBytes : SHA256.HashSizeInBytes;
        if (options.HostData is { } given)
        {
            return given.Length == length ? given.ToArray() : throw new HostException($"what machine {MachineProbe.Name(machine)} binds has {length} bytes");
        }

        if (options.Unshielded)
        {
            return new byte[length];
        }

        return machine == MachineKind.Tdx ? SHA384.HashData(options.Policy.Span) : SHA256.HashData(options.Policy.Span);
    }

    private static string FindGuestProgram(HostConfiguration configuration, string programFolder)
    {
        if (configuration.Guest is { } named && File.Exists(named))
        {
            return named;
        }

        string[] places = [Path.Combine(programFolder, GuestProgram), .. GuestProgramFolders.Select(f => Path.Combine(f, GuestProgram))];
        return Array.Find(places, File.Exists)
            ?? throw new HostException($"machine process needs the guest program, and none of these exists: {string.Join(", ", places)}. Build it by ./build");
    }

    private static string FindGuestImage(HostConfiguration configuration, string programFolder)
    {
        if (configuration.Guest is { } named)
        {
            return named;
        }

        string beside = Path.GetFullPath(Path.Combine(programFolder, "..", "guest", "development"));
        return Directory.Exists(beside) ? beside : InstalledGuest;
    }
}
