using Pavise.Host.Installation;
using Pavise.Host.Runtime.CommandLine;

namespace Pavise.Host.Runtime.Commands.Node;

internal sealed class InstallCommand : ICommand
{
    public string Name => "install";

    public string Usage => "";

    public string Help => "install programs and guest images on a node and add the runtime to its containerd";

    public IReadOnlyList<OptionSpec> Options { get; } =
    [
        .. InstallationOptions.Specs,
        OptionSpec.Value("payload", "folder with bin and guest (default: the parent of this program's folder)"),
        OptionSpec.Value("bin-dir", "folder of the programs on the node, in containerd's PATH (default /usr/local/bin)"),
        OptionSpec.Value("guest-dir", "folder of the guest images on the node (default /usr/share/pavise/guest)"),
        OptionSpec.Value("flavour", "guest image the node starts: production or development (default production)"),
        OptionSpec.Value("machine", "the node's machine: auto, snp, tdx, kvm, tcg or process (default auto)"),
        OptionSpec.Value("qemu", "QEMU on the node (default /usr/bin/qemu-system-x86_64)"),
        OptionSpec.Value("firmware", "OVMF firmware on the node, which snp and tdx need"),
        OptionSpec.Switch("force", "replace programs of other origin"),
    ];

    public async Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        InstallOptions options = InstallationOptions.Read(arguments, arguments.Value("payload") ?? Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))!);
        options = options with
        {
            ProgramFolder = InstallationOptions.AbsolutePath(arguments, "bin-dir") ?? options.ProgramFolder,
            GuestFolder = InstallationOptions.AbsolutePath(arguments, "guest-dir") ?? options.GuestFolder,
            Flavour = arguments.Value("flavour") switch
            {
                null => options.Flavour,
                "production" or "development" => arguments.Value("flavour")!,
                var other => throw new UsageException($"unknown flavour {other} (known: production, development)"),
            },
            Machine = arguments.Value("machine") is { Length: > 0 } machine ? machine : options.Machine,
            Vmm = InstallationOptions.AbsolutePath(arguments, "qemu") ?? options.Vmm,
            Firmware = InstallationOptions.AbsolutePath(arguments, "firmware"),
        };
        await new Installer(options, new NodeControl(options.Root), invocation.Time, Console.Out).RunAsync(cancellation);
        return 0;
    }
}
