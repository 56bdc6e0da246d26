using System.Text;
using CsCheck;

namespace Pavise.Host.Tests.Installation;

/// <summary>Valid containerd configurations of every form that TOML has: comments, dotted keys, inline tables, arrays of tables, all kinds of texts, line ends and endings.</summary>
internal static class RandomToml
{
    private static readonly Gen<string> Comment = Gen.OneOf("", " # a comment", "\t# pavise: begin.", " # [plugins.\"x\"]", " # é \"quoted\"");

    private static readonly Gen<string> Scalar = Gen.OneOf(
        Gen.Int.Select(i => i.ToString()),
        Gen.Bool.Select(b => b ? "true" : "false"),
        Gen.Double[-1e6, 1e6].Select(d => d.ToString("0.0###", System.Globalization.CultureInfo.InvariantCulture)),
        Gen.OneOf("\"\"", "\"plain\"", "\"esc \\\" \\u00e9 \\\\\"", "'literal \\ '", "\"\"\"\nseveral\n# pavise: end.\nlines\"\"\"", "'''\n[not.a.table]\n'''", "1979-05-27T07:32:00Z", "\"# no comment\""));

    private static readonly Gen<string> Value = Gen.OneOf(
        Scalar,
        Scalar.Array[0, 4].Select(a => $"[{string.Join(", ", a)}]"),
        Scalar.Array[0, 3].Select(a => $"[\n  {string.Concat(a.Select(v => v + ", # each\n  "))}]"),
        Scalar.Array[1, 3].Select(a => $"{{ {string.Join(", ", a.Select((v, i) => $"k{i} = {v.Replace("\n", " ")}"))} }}"));

    private static readonly Gen<string> Table = Gen.Select(
        Gen.OneOf("grpc", "debug", "timeouts", "plugins.\"io.containerd.internal.v1.opt\"", "plugins.\"io.containerd.grpc.v1.cri\"", "plugins.\"io.containerd.grpc.v1.cri\".containerd",
            "plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc", "plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options", "plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.\"kata qemu\"", "stream_processors.x"),
        Gen.Select(Value, Comment, Gen.OneOf("", "  ", "\t"), (v, c, indent) => (v, c, indent)).Array[0, 5],
        Comment,
        (name, entries, comment) => $"[{name}]{comment}\n" + string.Concat(entries.Select((e, i) => $"{e.indent}{(i % 3 == 2 ? $"dotted.k{i}" : $"key{i}")} = {e.v}{e.c}\n")));

    private static readonly Gen<string> TableArray = Scalar.Array[1, 3].Select(values => string.Concat(values.Select(v => $"[[things]]\n  one = {v}\n")));

    /// <summary>A file's bytes.</summary>
    public static Gen<byte[]> File { get; } = Gen.Select(
        Gen.Int[2, 3], Table.Array[0, 8], TableArray, Gen.Bool, Gen.OneOf("", "# the last line", "# one\n\n\n", "   "), Gen.OneOf("\n", "\r\n"), Gen.Bool,
        (version, tables, array, withArray, tail, lineEnd, mark) =>
        {
            // A table may be opened once only.
            string text = $"version = {version}\nroot = \"/var/lib/containerd\"\n\n" + string.Concat(tables.DistinctBy(t => t[..t.IndexOf(']', StringComparison.Ordinal)])) + (withArray ? array : "") + tail;
            byte[] bytes = Encoding.UTF8.GetBytes(text.Replace("\n", lineEnd, StringComparison.Ordinal));
            return mark ? [0xEF, 0xBB, 0xBF, .. bytes] : bytes;
        });
}
