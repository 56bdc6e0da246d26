using Google.Protobuf;
using Pavise.Host.Shim.CommandLine;

namespace Pavise.Host.Shim;

/// <summary>From containerd's command line to an exit status.</summary>
internal static class ShimProgram
{
    /// <summary>Name of the runtime.</summary>
    public const string Runtime = "io.containerd.pavise.v2";

    public static async Task<int> RunAsync(string[] words)
    {
        try
        {
            ShimArguments arguments = ShimArguments.Parse(words);
            if (arguments.Version)
            {
                Console.Out.WriteLine(InfoAction.VersionText);
                return 0;
            }

            if (arguments.Info)
            {
                await WriteAsync(InfoAction.Run());
                return 0;
            }

            if (arguments.Namespace.Length == 0)
            {
                throw new HostException("shim namespace cannot be empty: this program is started by containerd, not by hand");
            }

            return await DispatchAsync(arguments);
        }
        catch (Exception e) when (e is HostException or IOException or UnauthorizedAccessException)
        {
            // containerd shows what a failed action says.
            Console.Error.Write($"{Runtime}: {e.Message}");
            return 1;
        }
    }

    private static async Task<int> DispatchAsync(ShimArguments arguments)
    {
        switch (arguments.Action)
        {
            case "start":
                Console.Out.Write(StartAction.Run(arguments));
                return 0;
            case "delete":
                await WriteAsync(await DeleteAction.RunAsync(arguments, TimeProvider.System));
                return 0;
            case "":
                return await ServeAction.RunAsync(arguments, TimeProvider.System);
            default:
                throw new HostException($"unknown action {arguments.Action} (known: start, delete)");
        }
    }

    private static async Task WriteAsync(IMessage message)
    {
        await using Stream output = Console.OpenStandardOutput();
        await output.WriteAsync(message.ToByteArray());
    }
}
