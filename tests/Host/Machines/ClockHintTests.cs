using Pavise.Host.Interop;
using Pavise.Host.Machines;

namespace Pavise.Host.Tests.Machines;

public sealed class ClockHintTests
{
    [Theory]
    [InlineData(MachineKind.Kvm)]
    [InlineData(MachineKind.Snp)]
    [InlineData(MachineKind.Tdx)]
    public void Nothing_is_added_to_the_command_line_of_a_machine_that_says_how_fast_its_clock_counts(MachineKind machine)
    {
        Assert.Equal("quiet", ClockHint.AddTo("quiet", machine, () => 2_000_000));
    }

    [Fact]
    public void Software_emulation_is_told_the_frequency_of_the_host_s_counter() =>
        Assert.Equal("quiet tsc_early_khz=2596150", ClockHint.AddTo("quiet", MachineKind.Tcg, () => 2_596_150));

    [Fact]
    public void An_unknown_frequency_adds_nothing() => Assert.Equal("quiet", ClockHint.AddTo("quiet", MachineKind.Tcg, () => null));

    [Fact]
    public void The_counter_of_the_processor_counts_between_a_hundred_megahertz_and_ten_gigahertz()
    {
        if (CycleCounter.MeasureKilohertz() is { } kilohertz)
        {
            Assert.InRange(kilohertz, 100_000, 10_000_000);
        }
    }
}
