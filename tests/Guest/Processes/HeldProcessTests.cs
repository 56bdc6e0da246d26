using System.Diagnostics;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Tests.Processes;

public sealed class HeldProcessTests
{
    [Fact]
    public async Task A_signal_reaches_the_process_that_was_opened_and_after_its_end_nobody()
    {
        using Process child = Process.Start(new ProcessStartInfo("/bin/sleep", "1000"))!;
        using HeldProcess held = HeldProcess.TryOpen(child.Id)!;
        Assert.True(held.Signal(15));
        await child.WaitForExitAsync();
        Assert.Equal(143, child.ExitCode);
        Assert.False(held.Signal(15));
    }

    [Fact]
    public void A_number_that_nobody_has_opens_nothing() => Assert.Null(HeldProcess.TryOpen(int.MaxValue));
}
