using System.Collections.Immutable;
using Pavise.Owner.Policies.Operations;
using Pavise.Policy.Matching;
using Pavise.Policy.Model;

namespace Pavise.Owner.Policies.Lints;

/// <summary>Lints about what is left to the host.</summary>
internal static class HoleLints
{
    /// <summary>Texts that an attacker would like to fill in; an expression that takes one of them hardly bounds anything.</summary>
    private static readonly string[] Probes = ["$(reboot)", "; rm -rf /", "--config=/tmp/x", "../../etc/passwd", "a b\"c'd", "%s%n<>&|"];

    public static ImmutableArray<Lint> All { get; } =
    [
        new("any-hostname", Weight.Warning, "The host chooses any host name.",
            p => p.Sandbox.HostnameFromHost && p.Sandbox.HostnameMatches is null ? [("sandbox.hostname", "any: the host chooses what the application may use as its name; write {from: host, matches: …}")] : []),
        new("any-variable", Weight.Warning, "The host sets a variable to whatever it likes.",
            p => Processes(p).SelectMany(c => c.Process.Env.Where(e => e.FromHost && e.Matches is null && e.Sealed.IsEmpty).Select(e => ($"{c.Path}.env.{e.Name}", "without matches: the host sets it to whatever it likes")))),
        new("wide-matches", Weight.Warning, "An expression that takes texts which an attacker would write.",
            p => Processes(p).SelectMany(c => c.Process.Env.Where(e => IsWide(e.Matches)).Select(e => ($"{c.Path}.env.{e.Name}", Wide(e.Matches!)))
                    .Concat(c.Process.Args.Where(a => IsWide(a.Matches)).Select(a => ($"{c.Path}.args", Wide(a.Matches!)))))
                .Concat(IsWide(p.Sandbox.HostnameMatches) ? [("sandbox.hostname", Wide(p.Sandbox.HostnameMatches!))] : [])),
        new("wide-argument", Weight.Warning, "The program itself is left to the host.",
            p => Processes(p).Where(c => c.Process.Args[0].Matches is not null).Select(c => ($"{c.Path}.args", "the host chooses which program runs"))),
        new("host-file", Weight.Warning, "A file whose content is the host's.",
            p => p.Containers.SelectMany(c => c.Mounts.Where(m => m.Source == MountSource.HostFile && m.Files[0] is { Sha256Hex: null, Sealed: null }).Select(m => ($"{c.RulePath}.mounts", $"{m.Path}: its content is whatever the host writes; pin it with digest")))),
        new("impossible-matches", Weight.Error, "An expression that no text matches.",
            p => Processes(p).SelectMany(c => c.Process.Env.Where(e => e.Matches is { } m && Languages.Example(m) is null).Select(e => ($"{c.Path}.env.{e.Name}", "no text matches the expression")))),
    ];

    private static IEnumerable<(string Path, ProcessEntry Process)> Processes(PolicyDocument policy) =>
        policy.Containers.SelectMany(c => c.Exec.Select(e => ($"{c.RulePath}.exec[{e.Index}]", e.Process)).Prepend(($"{c.RulePath}.process", c.Process)));

    private static bool IsWide(Pattern? pattern) => pattern is not null && Probes.Any(p => pattern.IsMatch(p));

    private static string Wide(Pattern pattern) => $"{pattern.Text} takes {Pavise.Policy.Model.Reading.Values.Shown(Probes.First(p => pattern.IsMatch(p)))}; say what the value really looks like";
}
