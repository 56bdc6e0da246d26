using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Pavise.Policy.Json;
using Pavise.Policy.Model;

namespace Pavise.Owner.Tests.Policies.Operations;

/// <summary>Policies over few values, so that two of them often overlap, and every request over these values can be tried.</summary>
internal static class RandomPolicies
{
    public static readonly string[] Texts = ["", "a", "b", "ab", "ba", "aab", "bb", "abc", "sealed.x"];
    private static readonly string[] Patterns = ["a", "b", "a*", "(a|b)+", "[ab]{1,2}", ".*", "a?b", "[^c]*", "ab|ba"];
    private static readonly string Digest = new('1', 64);

    private static readonly Gen<string> Pattern = Words(Patterns), Argument = Gen.OneOf(Words("a", "b", "ab").Select(t => $"\"{t}\""), Pattern.Select(p => $"{{\"matches\":\"{p}\"}}"));

    private static readonly Gen<string> Env = Gen.OneOf(
        Words("", "\"X\":\"a\""),
        Gen.Select(Pattern, Gen.Bool, (p, required) => $"\"X\":{{\"from\":\"host\",\"matches\":\"{p}\",\"required\":{(required ? "true" : "false")}}}"),
        Gen.Const("\"X\":{\"from\":\"host\"}"));

    private static readonly Gen<string> Exec = Gen.Select(Argument, Env, Words("exit-code", "host"), Words("none", "host"), (a, env, output, stdin) => $"{{\"args\":[{a}],\"env\":{{{env}}},\"output\":\"{output}\",\"stdin\":\"{stdin}\"}}");

    private static readonly Gen<string> Process = Gen.Select(Argument.Array[1, 2], Env, Words("/", "/w"), Words("0", "1"), Words("", ",\"capabilities\":[\"CHOWN\"]"), Words("", ",\"terminal\":true"),
        (args, env, cwd, uid, capabilities, terminal) => $"{{\"args\":[{string.Join(",", args)}],\"env\":{{{env}}},\"cwd\":\"{cwd}\",\"user\":{{\"uid\":{uid},\"gid\":0}}{capabilities}{terminal}}}");

    private static readonly Gen<string> Rest = Gen.Select(
        Words("", ",\"mounts\":[{\"path\":\"/f\",\"from\":\"host\",\"required\":true}]", $",\"mounts\":[{{\"path\":\"/f\",\"files\":{{\"x\":\"sha256:{Digest}\"}}}}]"),
        Words("", ",\"resources\":{\"memory\":100}", ",\"resources\":{\"memory\":200}"),
        Words("", ",\"signals\":[\"TERM\"]", ",\"signals\":[\"TERM\",\"KILL\"]"),
        Words("", ",\"stdio\":{\"stdout\":\"host\"}", ",\"exit\":\"exact\""),
        Words("", ",\"instances\":2", ",\"restarts\":{\"max\":1}"),
        (a, b, c, d, e) => a + b + c + d + e);

    /// <summary>A policy of one or two containers.</summary>
    public static Gen<PolicyDocument> Gen1 { get; } = Gen.Select(
        Gen.Select(Process, Exec.Array[0, 2], Rest, Words("1", "2"), (process, exec, rest, root) => $"\"image\":{{\"rootfs\":\"verity-sha256:{new string(root[0], 64)}\"}},\"process\":{process},\"exec\":[{string.Join(",", exec)}]{rest}").Array[1, 2],
        Words("", ",\"sandbox\":{\"hostname\":\"any\"}", ",\"sandbox\":{\"hostname\":{\"from\":\"host\",\"matches\":\"[ab]*\"}}", ",\"sandbox\":{\"hostname\":\"a\"}"),
        Words("", ",\"host\":{\"stats\":\"coarse\",\"pause\":\"allow\"}", ",\"host\":{\"processes\":\"names\",\"resize\":{\"maxMemory\":100}}", ",\"host\":{\"resize\":{\"maxPids\":3}}"),
        Words("\"sim\"", "\"snp\",\"sim\"", "\"tdx\""),
        Words("", ",\"strict\":true"),
        Words("", ",\"after\":[{\"container\":\"c0\",\"state\":\"running\"}]", ",\"after\":[{\"container\":\"c0\",\"state\":\"succeeded\"}]"),
        (containers, sandbox, host, tees, strict, after) => Parse($"{{\"apiVersion\":\"pavise.dev/v1\",\"kind\":\"Policy\",\"metadata\":{{\"name\":\"p\",\"version\":1}},\"containers\":[{string.Join(",", containers.Select((c, i) => $"{{\"name\":\"c{i}\",{c}{(i == 1 ? after : "")}}}"))}]{sandbox}{host},\"attestation\":{{\"tees\":[{tees}]}}{strict}}}"));

    public static PolicyDocument Parse(string json) => PolicyDocument.FromTree(JsonTree.Parse(Encoding.UTF8.GetBytes(json), 1 << 20));

    private static Gen<string> Words(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);
}
