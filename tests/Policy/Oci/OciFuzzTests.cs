using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Pavise.Policy.Oci;
using Pavise.Policy.Tests.Support;
using static Pavise.Policy.Tests.Support.Gens;

namespace Pavise.Policy.Tests.Oci;

public sealed class OciFuzzTests
{
    private static readonly byte[] Full = FullSpec();

    [Fact]
    public void Bytes_changed_anywhere_parse_or_are_refused() =>
        Gen.Select(Gen.Int[0, Full.Length - 1], Gen.Byte, Gen.Int[0, Full.Length - 1], Gen.Bool).Sample((at, value, cut, truncate) =>
        {
            byte[] bytes = [.. Full];
            bytes[at] = value;
            try
            {
                OciSpec.Parse(truncate ? bytes.AsSpan(0, cut) : bytes);
            }
            catch (OciFormatException)
            {
            }
        }, iter: 5000, threads: 2);

    [Fact]
    public void A_value_of_another_type_is_refused_or_without_effect() =>
        Gen.Select(Gen.Int[0, OciSchema.Leaves.Count - 1], Words("null", "true", "-1", "1.5", "1e300", "\"x\"", "[]", "{}", "[[]]", "[null]")).Sample((leaf, wrong) =>
        {
            JsonObject spec = Sample.Spec();
            OciSchema.Set(spec, OciSchema.Leaves[leaf].Path, JsonNode.Parse(wrong) ?? (JsonNode)"x");
            try
            {
                OciSpec.Parse(Encoding.UTF8.GetBytes(spec.ToJsonString()));
            }
            catch (OciFormatException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }, iter: 5000, threads: 2);

    [Fact]
    public void Every_member_of_the_specification_is_known_and_every_other_is_named()
    {
        OciSpec spec = OciSpec.Parse(Full);
        Assert.Equal(["unheardOf"], spec.Unknown);
    }

    [Fact]
    public void A_member_that_stands_twice_is_refused() =>
        Assert.Contains("twice", Assert.Throws<OciFormatException>(() => OciSpec.Parse("""{"process":{"args":["a"],"args":["b"]}}"""u8)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"process":{"user":{"uid":-1}}}""", "process.user.uid")]
    [InlineData("""{"process":{"user":{"uid":4294967296}}}""", "process.user.uid")]
    [InlineData("""{"process":{"args":"x"}}""", "process.args")]
    [InlineData("""{"mounts":[{"destination":1}]}""", "mounts[0].destination")]
    [InlineData("""{"linux":{"resources":{"memory":{"limit":1.5}}}}""", "linux.resources.memory.limit")]
    [InlineData("""[]""", "object")]
    public void A_malformed_field_is_named(string json, string field) =>
        Assert.Contains(field, Assert.Throws<OciFormatException>(() => OciSpec.Parse(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);

    [Fact]
    public void Limits_of_64_bits_are_exact() =>
        Assert.Equal(ulong.MaxValue, OciProcess.Parse("""{"rlimits":[{"type":"RLIMIT_NOFILE","hard":18446744073709551615,"soft":1}]}"""u8).Rlimits[0].Hard);

    private static byte[] FullSpec()
    {
        JsonObject spec = Sample.Spec();
        foreach ((string path, char kind) in OciSchema.Leaves)
        {
            OciSchema.Set(spec, path, kind switch { 's' => (JsonNode)"text", 'n' => 7, _ => true });
        }

        return Encoding.UTF8.GetBytes(spec.ToJsonString());
    }
}
