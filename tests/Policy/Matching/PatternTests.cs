using System.Text.RegularExpressions;
using CsCheck;
using Pavise.Policy.Matching;
using static Pavise.Policy.Tests.Support.Gens;

namespace Pavise.Policy.Tests.Matching;

public sealed class PatternTests
{
    private static readonly Gen<string> Atom = Words("a", "b", "c", "-", ".", "[ab]", "[^a]", "[a-c]", "\\d", "\\w", "\\.", "\\S", "[\\d.]");

    private static readonly Gen<string> Expressions = Gen.Recursive<string>((depth, inner) => depth > 3
        ? Atom
        : Gen.OneOf(
            Atom,
            Gen.Select(inner, inner, (a, b) => a + b),
            Gen.Select(inner, inner, (a, b) => $"({a}|{b})"),
            Gen.Select(inner, Words("?", "*", "+", "{2}", "{1,3}", "{2,}", "{0,1}"), (a, r) => $"({a}){r}")));

    [Fact]
    public void It_agrees_with_the_platforms_engine()
    {
        Gen.Select(Expressions, Gen.Char["abc-.1Z\n"].Array[0, 12]).Sample((expression, characters) =>
        {
            if (expression.Length > PolicyLimits.PatternChars || !Pattern.TryParse(expression, out Pattern? pattern, out _))
            {
                return;
            }

            string value = new(characters);
            bool expected = Regex.IsMatch(value, $@"\A(?:{expression})\z", RegexOptions.CultureInvariant | RegexOptions.ECMAScript);
            Assert.True(expected == pattern!.IsMatch(value), $"{expression} on '{value}': {!expected}");
        }, iter: 20_000, threads: 2);
    }

    [Fact]
    public void Anything_parses_or_says_why_not()
    {
        Gen.Char["ab(|)[]{}?*+\\^$.-0129,"].Array[0, 30].Sample(characters =>
        {
            bool parsed = Pattern.TryParse(new string(characters), out Pattern? pattern, out string error);
            Assert.Equal(parsed, error.Length == 0);
            _ = pattern?.IsMatch("ab012");
        }, iter: 50_000, threads: 2);
    }

    [Theory]
    [InlineData("(a*)*b", 4000)]
    [InlineData("(a|a)*b", 4000)]
    [InlineData("(a?){200}b", 4000)]
    public void What_makes_others_backtrack_costs_nothing_here(string expression, int length)
    {
        Assert.True(Pattern.TryParse(expression, out Pattern? pattern, out _));
        Assert.False(pattern!.IsMatch(new string('a', length)));
    }

    [Theory]
    [InlineData("a{1024}", "compiles to more")]
    [InlineData("(a{500}){500}", "compiles to more")]
    [InlineData("^a", "not needed")]
    [InlineData("a**", "two repetitions")]
    [InlineData("(?i)a", "plain groups")]
    [InlineData("(a", "without its ')'")]
    [InlineData("a)", "without its '('")]
    [InlineData("[b-a]", "range")]
    [InlineData("[]", "empty")]
    [InlineData("\\b", "escape")]
    public void A_wrong_expression_is_refused_with_its_reason(string expression, string reason)
    {
        Assert.False(Pattern.TryParse(expression, out _, out string error));
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_whole_value_must_match()
    {
        Assert.True(Pattern.TryParse("[0-9.]+", out Pattern? pattern, out _));
        Assert.True(pattern!.IsMatch("10.0.0.1"));
        Assert.False(pattern.IsMatch("10.0.0.1\n"));
        Assert.False(pattern.IsMatch("x10.0.0.1"));
        Assert.False(pattern.IsMatch(""));
        Assert.False(pattern.IsMatch(new string('1', PolicyLimits.PatternInputChars + 1)));
    }
}
