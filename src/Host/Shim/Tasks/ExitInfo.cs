namespace Pavise.Host.Shim.Tasks;

/// <summary>How a process ended.</summary>
/// <param name="Status">0 to 255; 128 + n for signal n.</param>
/// <param name="At">When.</param>
internal sealed record ExitInfo(uint Status, DateTimeOffset At)
{
    /// <summary>What a shell reports for a process that SIGKILL ended; also for one whose pVM went away without a word.</summary>
    public const uint Killed = 137;
}
