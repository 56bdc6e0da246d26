using Pavise.Guest.Interop;

namespace Pavise.Guest.Boot;

/// <summary>The end after which nothing may go on: a broken binding, a broken invariant.</summary>
internal static class Fatal
{
    private const int ExitStatus = 70;
    private static Action machineEnd = LinuxSystem.EndMachine;

    private static bool IsMachine => machineEnd == LinuxSystem.EndMachine;

    /// <summary>On the process machine ending means ending the process; its namespaces end with it.</summary>
    public static void EndsProcess() => machineEnd = () => Environment.Exit(ExitStatus);

    /// <summary>Orderly end.</summary>
    public static void PowerOff(int exitStatus = 0)
    {
        if (IsMachine)
        {
            LinuxSystem.EndMachine();
            Thread.Sleep(Timeout.Infinite);
        }

        Environment.Exit(exitStatus);
    }

    /// <summary>Ends the guest. The reason goes to the kernel's log, which has no console (it helps in a debugged development image only), or to the process machine's stderr.</summary>
    public static void Stop(string reason)
    {
        if (IsMachine)
        {
            Log(reason);
        }
        else
        {
            Console.Error.WriteLine($"pavise-guest: {reason}");
        }

        machineEnd();
        Thread.Sleep(Timeout.Infinite);
    }

    private static void Log(string reason)
    {
        try
        {
            File.WriteAllText("/dev/kmsg", $"pavise-guest: {reason}\n");
#if PAVISE_DEVELOPMENT
            // The kernel prints nothing to its console; this is where a developer's debug console looks.
            File.WriteAllText("/dev/console", $"pavise-guest: {reason}\n");
#endif
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Before /dev is mounted there is nowhere to write.
        }
    }
}
