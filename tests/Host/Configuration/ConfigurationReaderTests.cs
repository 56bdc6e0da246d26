using CsCheck;
using Pavise.Host.Configuration;
using Pavise.Host.Machines;

namespace Pavise.Host.Tests.Configuration;

public sealed class ConfigurationReaderTests
{
    [Fact]
    public void Every_key_of_the_layout_is_read()
    {
        HostConfiguration c = ConfigurationReader.Read("""
            machine = "tcg"
            guest = "/g"
            policy = "/p.json"
            cache = "/c"
            unshielded = true
            timeout_seconds = 7
            [qemu]
            path = "/q"
            user = "someone"
            memory_mib = 256
            cpus = 2
            firmware = "/f"
            debug_console = "/d"
            vsock_record = "/r"
            """, "f");
        Assert.Equal(
            new HostConfiguration
            {
                Machine = MachineKind.Tcg, Guest = "/g", Policy = "/p.json", Cache = "/c", Unshielded = true, Timeout = TimeSpan.FromSeconds(7),
                Qemu = new QemuConfiguration { Path = "/q", User = "someone", MemoryMib = 256, Cpus = 2, Firmware = "/f", DebugConsole = "/d", VsockRecord = "/r" },
            },
            c);
    }

    [Fact]
    public void An_empty_file_has_the_defaults() => Assert.Equal(new HostConfiguration(), ConfigurationReader.Read("", "f"));

    [Fact]
    public void Auto_leaves_the_choice_to_the_probe() => Assert.Null(ConfigurationReader.Read("machine = \"auto\"", "f").Machine);

    [Theory]
    [InlineData("colour = 1", "line 1: colour is unknown")]
    [InlineData("\n[qemu]\nspeed = 1", "line 3: qemu.speed is unknown")]
    [InlineData("machine = \"warp\"", "machine is one of")]
    [InlineData("unshielded = 1", "unshielded is true or false")]
    [InlineData("guest = \"relative\"", "guest is an absolute path")]
    [InlineData("timeout_seconds = 0", "timeout_seconds is a whole number from 1 to 3600")]
    [InlineData("[qemu]\nmemory_mib = 64", "qemu.memory_mib is a whole number from 128")]
    [InlineData("[other]\na = 1", "table other")]
    [InlineData("machine = ", "is not TOML")]
    public void What_is_wrong_is_named(string text, string message) =>
        Assert.Contains(message, Assert.Throws<HostException>(() => ConfigurationReader.Read(text, "f")).Message, StringComparison.Ordinal);

    [Fact]
    public void Any_text_is_read_or_refused_and_nothing_else() => Gen.String.Sample(text =>
    {
        try
        {
            ConfigurationReader.Read(text, "f");
        }
        catch (HostException)
        {
            // Refused.
        }
    });

    [Fact]
    public void A_named_file_must_exist() => Assert.Throws<HostException>(() => ConfigurationFile.Load("/nowhere/config.toml"));
}
