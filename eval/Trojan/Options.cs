namespace Pavise.Trojan;

/// <summary>The command line.</summary>
internal sealed class Options(string[] arguments)
{
    public const string Usage = """
        pavise-trojan [--repository DIR] [--runtime NAME] [--cri SOCKET] [--machine MACHINE] [--only TEXT] [--output FILE]
        Attacks of a hostile cluster, OCI client and visor, each beside a benign neighbour.
          --repository DIR   the built tree (out/bin, out/guest); default: the current folder
          --runtime NAME     runtime handler; pavise (default) brings its policies, any other runs without
          --cri SOCKET       a containerd that runs already; default: one of its own
          --oci PROGRAM      attacks through the command line of an OCI runtime instead (runc, crun, runsc, pavise-runtime)
          --visor            attacks on the guest itself, as a hostile visor
          --machine MACHINE  of Pavise; default: process
          --only TEXT        only attacks whose id begins with it
          --output FILE      results as JSON
        Exit status 0: all stopped, all neighbours work, nothing of the secret seen. 1: not so. 2: could not run.
        """;

    public string? this[string name] => Array.IndexOf(arguments, name) is var at and >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;

    public bool Has(string name) => arguments.Contains(name);
}
