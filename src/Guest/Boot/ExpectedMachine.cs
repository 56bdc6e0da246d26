namespace Pavise.Guest.Boot;

/// <summary>The machine is the one that the image was made for, or the guest ends: before a driver of a kind speaks to a device, before anything is bound.</summary>
internal static class ExpectedMachine
{
    private const string CommandLines = "/etc/pavise/command-lines";

    /// <summary>Before the first module: the command line, the processor's random numbers.</summary>
    public static void RequireStart()
    {
        Require(KernelCommandLine.Problem(File.ReadAllText("/proc/cmdline"), File.ReadAllLines(CommandLines), GuestEnvironment.Flavour == "development"));
        Require(RandomInstruction.Problem(File.ReadAllText("/proc/cpuinfo"), mayLack: GuestEnvironment.Flavour == "development" && RandomInstruction.IsEmulated()));
    }

    /// <summary>Once the buses are known and no driver of a device is.</summary>
    public static void RequireDevices() => Require(BusDevices.Problem("/sys/bus"));

    /// <summary>After the last driver: what appears from now on gets none. What appeared between the two looks is found here.</summary>
    public static void Seal()
    {
        BusDevices.Seal("/sys/bus");
        RequireDevices();
    }

    private static void Require(string? problem)
    {
        if (problem is not null)
        {
            Fatal.Stop(problem);
        }
    }
}
