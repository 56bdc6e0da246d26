using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Pavise.Policy.Json;

namespace Pavise.Policy.Tests.Json;

public sealed class CanonicalJsonTests
{
    // RFC 8785, section 3.2.2 and appendix B.
    [Theory]
    [InlineData(0x0000000000000000, "0")]
    [InlineData(0x8000000000000000, "0")]
    [InlineData(0x0000000000000001, "5e-324")]
    [InlineData(0x8000000000000001, "-5e-324")]
    [InlineData(0x7fefffffffffffff, "1.7976931348623157e+308")]
    [InlineData(0x4340000000000000, "9007199254740992")]
    [InlineData(0xc340000000000000, "-9007199254740992")]
    [InlineData(0x4430000000000000, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6, "1e+23")]
    [InlineData(0x444b1ae4d6e2ef50, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8d, "0.000001")]
    [InlineData(0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7")]
    [InlineData(0x41b3de4355555553, "333333333.3333332")]
    [InlineData(0x41b3de4355555557, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696, "-0.0000033333333333333333")]
    public void Numbers_are_written_as_the_standard_lists_them(ulong bits, string expected) =>
        Assert.Equal(expected, EcmaNumber.Format(BitConverter.UInt64BitsToDouble(bits)));

    [Fact]
    public void Every_number_reads_back_as_itself() =>
        Gen.Double.Where(double.IsFinite).Sample(d => Assert.Equal(d == 0 ? 0 : d, double.Parse(EcmaNumber.Format(d), CultureInfo.InvariantCulture)), iter: 20_000);

    [Fact]
    public void The_example_of_the_standard_comes_out_as_it_says()
    {
        const string input = """
            { "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }
            """;
        const string expected = """{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""";
        Assert.Equal(expected, Encoding.UTF8.GetString(CanonicalJson.Write(JsonTree.Parse(Encoding.UTF8.GetBytes(input), 10_000))));
    }

    [Fact]
    public void Canonical_bytes_are_a_fixed_point_and_mean_the_same()
    {
        Gen.Select(Gen.String, Gen.Double.Where(double.IsFinite), Gen.Long, Gen.String).Sample((name, number, whole, text) =>
        {
            byte[] json;
            try
            {
                json = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { [name] = number, [name + "b"] = whole, ["t"] = new[] { text, "x" } });
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                return;
            }

            byte[] once;
            try
            {
                once = CanonicalJson.Write(JsonTree.Parse(json, 1 << 20));
            }
            catch (JsonFormatException)
            {
                return;
            }

            Assert.Equal(once, CanonicalJson.Write(JsonTree.Parse(once, 1 << 20)));
            Assert.Equal(Encoding.UTF8.GetString(once), Encoding.UTF8.GetString(CanonicalJson.Write(JsonTree.Parse(json, 1 << 20))));
        }, iter: 5000);
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""", "twice")]
    [InlineData("""{"a":1,"\u0061":2}""", "twice")]
    [InlineData("""{"a":1} {}""", "JSON")]
    [InlineData("""{"a":"\u0000"}""", "NUL")]
    [InlineData("""{"a":"\ud800"}""", "surrogate")]
    [InlineData("""{"a":1,}""", "JSON")]
    [InlineData("""{/**/}""", "JSON")]
    [InlineData("", "JSON")]
    [InlineData("""1e999""", "range")]
    public void Malformed_bytes_are_refused_with_their_reason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<JsonFormatException>(() => JsonTree.Parse(Encoding.UTF8.GetBytes(json), 1000)).Message, StringComparison.Ordinal);

    [Fact]
    public void Depth_bytes_and_values_are_bounded()
    {
        Assert.Throws<JsonFormatException>(() => JsonTree.Parse(Encoding.UTF8.GetBytes(new string('[', 100) + new string(']', 100)), 1000));
        Assert.Throws<JsonFormatException>(() => JsonTree.Parse(new byte[1001], 1000));
        Assert.Throws<JsonFormatException>(() => JsonTree.Parse(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("1", PolicyLimits.JsonValues))}]"), 1 << 20));
    }

    [Fact]
    public void Any_bytes_parse_or_are_refused() =>
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            try
            {
                JsonTree.Parse(bytes, 1000);
            }
            catch (JsonFormatException)
            {
            }
        }, iter: 20_000, threads: 2);
}
