using System.Net.Sockets;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Installation;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Commands;
using Pavise.Host.Runtime.Commands.Node;
using Pavise.Host.Runtime.Containers;
using Pavise.Host.Runtime.Logging;
using Pavise.Host.Visor;

namespace Pavise.Host.Runtime;

/// <summary>From a command line to an exit status.</summary>
internal static class RuntimeProgram
{
    private const int Failure = 1;

    private static readonly ICommand[] Commands =
    [
        new CreateCommand(), new StartCommand(), new RunCommand(), new ExecCommand(), new KillCommand(), new DeleteCommand(), new StateCommand(), new ListCommand(), new PsCommand(),
        new FreezeCommand(pause: true), new FreezeCommand(pause: false), new UpdateCommand(), new EventsCommand(), new FeaturesCommand(), new SpecCommand(), new ImagesCommand(),
        new RefusedCommand("checkpoint"), new RefusedCommand("restore"), new InstallCommand(), new UninstallCommand(), new StayCommand(), new ProcessCommand(),
    ];

    /// <summary>Commands whose arguments after the id belong to somebody else.</summary>
    private static bool TakesForeignArguments(ICommand command) => command is ExecCommand or PsCommand;

    public static Task<int> RunAsync(string[] args) => RunAsync(args, Surroundings.Real);

    public static async Task<int> RunAsync(string[] args, Surroundings surroundings)
    {
        if (args is [VisorProgram.Command])
        {
            return await VisorProgram.RunAsync();
        }

        if (args is [InNodeRoot.Command, .. var rest])
        {
            return InNodeRoot.Run(rest);
        }

        RuntimeLog log = new(null, "text", TimeProvider.System);
        try
        {
            ParsedArguments global = ParsedArguments.Parse(args, GlobalOptions.Specs);
            GlobalOptions options = GlobalOptions.From(global);
            log = new RuntimeLog(options.Log, options.LogFormat, TimeProvider.System);
            return await DispatchAsync(global, new Invocation(options, log, new ContainerStore(options.Root), TimeProvider.System, surroundings));
        }
        catch (Exception e) when (e is HostException or TtrpcException or IOException or UnauthorizedAccessException or SocketException or OperationCanceledException)
        {
            log.Error(e.Message);
            return Failure;
        }
        catch (Exception e)
        {
            // A fault of the runtime itself still has to reach the engine's log.
            log.Error($"internal error: {e.GetType().Name}: {e.Message}");
            return Failure;
        }
    }

    private static async Task<int> DispatchAsync(ParsedArguments global, Invocation invocation)
    {
        if (global.Has("version"))
        {
            Console.Out.WriteLine(HelpText.Version);
            return 0;
        }

        if (global.Has("help") || global.Positional is [] or ["help"])
        {
            HelpText.Write(Console.Out, Commands);
            return 0;
        }

        string name = global.Positional[0];
        ICommand command = Commands.FirstOrDefault(c => c.Name == name) ?? throw new UsageException($"unknown command {name}; pavise-runtime --help lists them");
        string[] rest = [.. global.Positional.Skip(1)];
        if (rest is ["--help"] or ["-h"])
        {
            HelpText.Write(Console.Out, command);
            return 0;
        }

        // The hidden command's arguments may be empty or begin with a dash, and are never options.
        ParsedArguments arguments = command is ProcessCommand ? ParsedArguments.Parse(["--", .. rest], []) : ParsedArguments.Parse(rest, command.Options, anywhere: !TakesForeignArguments(command));
        return await command.RunAsync(invocation, arguments, CancellationToken.None);
    }
}
