using Pavise.Host.Installation;
using Pavise.Host.Runtime.CommandLine;

namespace Pavise.Host.Runtime.Commands.Node;

internal sealed class UninstallCommand : ICommand
{
    public string Name => "uninstall";

    public string Usage => "";

    public string Help => "take off a node what install put there, and restore containerd's configuration";

    public IReadOnlyList<OptionSpec> Options { get; } = [.. InstallationOptions.Specs, OptionSpec.Switch("force", "although pVMs run")];

    public async Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        InstallOptions options = InstallationOptions.Read(arguments, payload: "");
        await new Uninstaller(options, new NodeControl(options.Root), invocation.Time, Console.Out).RunAsync(cancellation);
        return 0;
    }
}
