using Pavise.Guest.Interop;

namespace Pavise.Guest.Boot;

/// <summary>The end after which nothing may go on: a broken binding, a broken invariant.</summary>
internal static class Fatal
{
    private const int ExitStatus = 70;
    private static Action machineEnd = LinuxSystem.EndMachine;

    /// <summary>On the process machine ending means ending the process; its namespaces end with it.</summary>
    public static void EndsProcess() => machineEnd = () => Environment.Exit(ExitStatus);

    /// <summary>Orderly end.</summary>
    public static void PowerOff(int exitStatus = 0)
    {
        if (machineEnd == LinuxSystem.EndMachine)
        {
            LinuxSystem.EndMachine();
            Thread.Sleep(Timeout.Infinite);
        }

        Environment.Exit(exitStatus);
    }

    /// <summary>Ends the guest. The reason goes to the kernel's log, which has no console: it helps in a debugged development image only.</summary>
    public static void Stop(string reason)
    {
        try
        {
            File.WriteAllText("/dev/kmsg", $"pavise-guest: {reason}\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"pavise-guest: {reason}");
        }

        machineEnd();
        Thread.Sleep(Timeout.Infinite);
    }
}
