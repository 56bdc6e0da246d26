using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Pavise.Host.Configuration;
using Pavise.Host.Visor;

namespace Pavise.Host.Tests.Visor;

public sealed class PvmSizeTests
{
    private static readonly QemuConfiguration Configuration = new() { MemoryMib = 300, Cpus = 3 };

    [Theory]
    [InlineData("", 300, 3)]
    [InlineData("nonsense", 300, 3)]
    [InlineData("[]", 300, 3)]
    [InlineData("""{"sandbox":{}}""", 300, 3)]
    [InlineData("""{"sandbox":{"cpus":0.5,"memory":"256Mi"}}""", 256, 1)]
    [InlineData("""{"sandbox":{"cpus":1.2,"memory":"1Gi"}}""", 1024, 2)]
    [InlineData("""{"sandbox":{"memory":268435457}}""", 257, 3)]
    [InlineData("""{"sandbox":{"memory":"1Ki"}}""", 128, 3)]
    [InlineData("""{"sandbox":{"cpus":1e300,"memory":"99999999999999Ti"}}""", 1024 * 1024, 255)]
    [InlineData("""{"sandbox":{"cpus":"2","memory":"-1Mi"}}""", 300, 3)]
    public void The_policy_sizes_the_pvm_and_the_configuration_where_it_is_silent(string policy, uint memory, uint cpus) =>
        Assert.Equal(new PvmSize(memory, cpus), PvmSize.Of(Encoding.UTF8.GetBytes(policy), Configuration));

    [Fact]
    public void No_text_makes_a_size_that_qemu_cannot_have() => Gen.Select(Gen.String, Gen.Double, Gen.String).Sample((memory, cpus, rest) =>
    {
        JsonObject sandbox = new() { ["memory"] = memory, ["cpus"] = double.IsFinite(cpus) ? cpus : 1 };
        PvmSize size = PvmSize.Of(Encoding.UTF8.GetBytes(new JsonObject { ["sandbox"] = sandbox }.ToJsonString() + rest), Configuration);
        return size is { MemoryMib: >= 128 and <= 1024 * 1024, Cpus: >= 1 and <= 255 };
    });
}
