using CsCheck;
using Pavise.Host.Runtime.CommandLine;

namespace Pavise.Host.Tests.Runtime;

public sealed class ArgumentTests
{
    private static readonly OptionSpec[] Specs = [OptionSpec.Value("bundle", "", 'b'), OptionSpec.Switch("all", "", 'a'), OptionSpec.Value("env", "", 'e')];

    private static readonly string[] Awkward = ["-", "--all", "-a", "-b", "--bundle=", "=", "--=", "id"];

    [Fact]
    public void Options_are_taken_in_all_forms_that_engines_write()
    {
        ParsedArguments parsed = ParsedArguments.Parse(["--bundle=/a=b", "-e", "X=1", "-env", "Y=2", "--all", "id", "rest"], Specs);
        Assert.Equal("/a=b", parsed.Value("bundle"));
        Assert.Equal(["X=1", "Y=2"], parsed.Values("env"));
        Assert.True(parsed.Has("all"));
        Assert.Equal(["id", "rest"], parsed.Positional);
        Assert.False(ParsedArguments.Parse(["--all=false", "id"], Specs).Has("all"));
    }

    [Fact]
    public void Options_after_the_id_count_only_where_the_arguments_are_the_runtimes_own()
    {
        Assert.True(ParsedArguments.Parse(["id", "--all", "9"], Specs, anywhere: true).Has("all"));
        Assert.Equal(["id", "9"], ParsedArguments.Parse(["id", "--all", "9"], Specs, anywhere: true).Positional);
        Assert.Equal(["id", "ls", "--all"], ParsedArguments.Parse(["id", "ls", "--all"], Specs).Positional);
        Assert.Equal(["id", "--all"], ParsedArguments.Parse(["id", "--", "--all"], Specs, anywhere: true).Positional);
    }

    [Theory]
    [InlineData("--unknown")]
    [InlineData("---all")]
    [InlineData("--bundle")]
    [InlineData("--all=perhaps")]
    [InlineData("-x")]
    public void A_wrong_option_is_named(string argument) =>
        Assert.Contains(argument.Trim('-').Split('=')[0], Assert.Throws<UsageException>(() => ParsedArguments.Parse([argument], Specs)).Message, StringComparison.Ordinal);

    [Fact]
    public void Any_command_line_is_parsed_or_refused_and_what_follows_two_dashes_is_never_touched() => Gen.Select(
        Gen.Select(Gen.Int[0, 2 * Awkward.Length], Gen.String[0, 6], (i, text) => i < Awkward.Length ? Awkward[i] : text).Array[0, 6], Gen.String.Array[0, 4], Gen.Bool).Sample((before, after, anywhere) =>
    {
        try
        {
            ParsedArguments parsed = ParsedArguments.Parse([.. before.Where(b => b != "--"), "--", .. after], Specs, anywhere);
            Assert.Equal(after, parsed.Positional.TakeLast(after.Length));
        }
        catch (UsageException e)
        {
            Assert.NotEmpty(e.Message);
        }
    });

    [Theory]
    [InlineData("KILL", 9u)]
    [InlineData("sigterm", 15u)]
    [InlineData("SIGWINCH", 28u)]
    [InlineData("64", 64u)]
    public void Signals_have_names_and_numbers(string text, uint signal) => Assert.Equal(signal, SignalNames.Parse(text));

    [Theory]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("")]
    [InlineData("SIG")]
    [InlineData("-1")]
    [InlineData("KILLER")]
    public void Unknown_signals_are_refused(string text) => Assert.Throws<UsageException>(() => SignalNames.Parse(text));
}
