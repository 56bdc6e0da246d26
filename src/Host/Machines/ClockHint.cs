using Pavise.Host.Interop;

namespace Pavise.Host.Machines;

/// <summary>
/// The one word that is added to the fixed command line, on <c>tcg</c> only, where nothing is measured. QEMU in software hands the host's time stamp counter to the guest
/// without saying how fast it counts; microvm has no other clock, so the kernel times the counter against the interval timer. On a busy host that fails, and the kernel then
/// waits for ever. On the other machines the hypervisor or the firmware says the frequency.
/// </summary>
internal static class ClockHint
{
    /// <summary>The command line with the counter's frequency where it is needed and known.</summary>
    public static string AddTo(string commandLine, MachineKind machine, Func<long?> measure) =>
        machine == MachineKind.Tcg && measure() is { } kilohertz ? $"{commandLine} tsc_early_khz={kilohertz}" : commandLine;

    /// <inheritdoc cref="AddTo(string, MachineKind, Func{long?})"/>
    public static string AddTo(string commandLine, MachineKind machine) => AddTo(commandLine, machine, CycleCounter.MeasureKilohertz);
}
