using CsCheck;

namespace Pavise.Policy.Tests.Support;

/// <summary>Generators that many tests share.</summary>
internal static class Gens
{
    /// <summary>One of the given texts.</summary>
    public static Gen<string> Words(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);
}
