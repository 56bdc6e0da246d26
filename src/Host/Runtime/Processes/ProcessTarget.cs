namespace Pavise.Host.Runtime.Processes;

/// <summary>Which process a host process stands for, and which streams the guest opened for it.</summary>
/// <param name="ContainerId">Container.</param>
/// <param name="ExecId">Exec, or empty.</param>
/// <param name="Sandbox">Directory of the pVM.</param>
/// <param name="Stdin">Whether standard input exists.</param>
/// <param name="Stdout">Whether standard output exists.</param>
/// <param name="Stderr">Whether standard error exists.</param>
/// <param name="Terminal">Whether the process has a terminal.</param>
/// <param name="ConsoleSocket">Where the terminal's master goes; empty: this process's own standard streams are the terminal.</param>
internal sealed record ProcessTarget(string ContainerId, string ExecId, string Sandbox, bool Stdin, bool Stdout, bool Stderr, bool Terminal, string ConsoleSocket)
{
    /// <summary>Whether its container has the pVM for itself.</summary>
    public bool IsAlone { get; init; }

    /// <summary>Whether it stands for a pod, and for nothing inside the pVM.</summary>
    public bool IsPod { get; init; }

    /// <summary>As arguments of the hidden command <c>process</c>.</summary>
    public IReadOnlyList<string> ToArguments() => [ContainerId, ExecId, Sandbox, Flags, ConsoleSocket];

    /// <summary>From these arguments.</summary>
    public static ProcessTarget FromArguments(IReadOnlyList<string> arguments) => arguments is [var container, var exec, var sandbox, var flags, var console]
        ? new(container, exec, sandbox, flags.Contains('i'), flags.Contains('o'), flags.Contains('e'), flags.Contains('t'), console) { IsPod = flags.Contains('p'), IsAlone = flags.Contains('a') }
        : throw new HostException("the hidden command process is started by the runtime only");

    private string Flags => $"-{(Stdin ? "i" : "")}{(Stdout ? "o" : "")}{(Stderr ? "e" : "")}{(Terminal ? "t" : "")}{(IsPod ? "p" : "")}{(IsAlone ? "a" : "")}";
}
