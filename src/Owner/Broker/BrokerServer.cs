using System.ComponentModel;
using System.Diagnostics;

namespace Pavise.Owner.Broker;

/// <summary>Runs pavise-keybroker: the one beside this program, else the one on the path.</summary>
internal static class BrokerServer
{
    private const string Program = "pavise-keybroker";

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        string beside = Path.Combine(AppContext.BaseDirectory, Program);
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(File.Exists(beside) ? beside : Program, arguments) { UseShellExecute = false })!;
        }
        catch (Win32Exception e)
        {
            throw new OwnerException($"{Program} is neither beside this program nor on the path", "build it with ./build", e);
        }

        using Process broker = process;
        // An interrupt from a terminal reaches both; another stop is passed on, so that the broker ends as it should.
        using CancellationTokenRegistration stop = cancellation.Register(() => Terminate(broker));
        await broker.WaitForExitAsync(CancellationToken.None);
        return broker.ExitCode;
    }

    private static void Terminate(Process broker)
    {
        try
        {
            using Process? kill = Process.Start("/bin/kill", ["-TERM", broker.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            broker.Kill();
        }
    }
}
