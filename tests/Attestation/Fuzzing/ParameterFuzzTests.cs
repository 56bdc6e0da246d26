using Pavise.Attestation.Certificates;

namespace Pavise.Attestation.Tests.Fuzzing;

/// <summary>PSS parameters: of all byte strings exactly eight are known, since two NULLs and the trailer may be written or not.</summary>
public sealed class ParameterFuzzTests
{
    private const string Sha384 = "06096086480165030402020500", Sha384Bare = "0609608648016503040202";

    private static readonly byte[][] Known =
    [
        .. from hash in new[] { Sha384, Sha384Bare }
           from mask in new[] { Sha384, Sha384Bare }
           from trailer in new[] { "", "a303020101" }
           select Sequence("06092a864886f70d01010a" + Hex(Sequence(
               Tagged(0xA0, Hex(Sequence(hash))) + Tagged(0xA1, Hex(Sequence("06092a864886f70d010108" + Hex(Sequence(mask))))) + "a203020130" + trailer))),
    ];

    private static byte[] Sequence(string content) => Convert.FromHexString(Tagged(0x30, content));

    private static string Tagged(byte tag, string content) => $"{tag:x2}{content.Length / 2:x2}{content}";

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static string? Oracle(byte[] input, Func<byte[], bool> accepts) =>
        accepts(input) == Known.Any(k => k.AsSpan().SequenceEqual(input)) ? null : "one of the eight is refused, or another is accepted";

    [Fact]
    public void Exactly_the_eight_forms_of_one_set_of_parameters_are_known() => Fuzzer.FindsNothing(Known, 30_000, i => Oracle(i, b => PssParameters.AreKnown(b)));

    [Fact]
    public void The_fuzzer_finds_a_reader_that_takes_any_salt() => Fuzzer.FindsTheMistake(Known, 30_000, i => Oracle(i, b =>
    {
        byte[] salted = [.. b];
        int salt = salted.AsSpan().IndexOf(Convert.FromHexString("a2030201"));
        if (salt >= 0 && salt + 4 < salted.Length)
        {
            salted[salt + 4] = 48;
        }

        return PssParameters.AreKnown(salted);
    }));
}
