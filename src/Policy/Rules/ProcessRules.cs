using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Policy.Rules;

/// <summary>SignalProcess, OpenStream, CloseStdin, ResizeTerminal, WaitProcess.</summary>
internal static class ProcessRules
{
    private const uint LargestTerminal = 65535;

    public static Rule<SignalProcess>[] Signal { get; } =
    [
        new("SignalProcess.exists", (in Case<SignalProcess> c) => Lookups.Missing(c, c.Request.ContainerId, c.Request.ExecId)),
        new("SignalProcess.listed", (in Case<SignalProcess> c) =>
        {
            ContainerState container = c.Container(c.Request.ContainerId)!;
            ContainerEntry entry = container.Entry;

            // A session is bytes that the host carries: it can stop carrying them anyway.
            return container.IsSession(c.Request.ExecId) || c.Request.Signal is > 0 and <= SignalNames.Last && ((entry.Signals >> (c.Request.Signal - 1)) & 1) != 0 ? null
                : c.Refuse($"{entry.RulePath}.signals", $"signal {SignalNames.Name(c.Request.Signal)} is not listed", $"add {SignalNames.Name(c.Request.Signal)} to signals");
        }),
        new("SignalProcess.running", (in Case<SignalProcess> c) =>
        {
            ContainerState container = c.Container(c.Request.ContainerId)!;
            bool ended = c.Request.ExecId.Length == 0 ? !container.IsLive : !container.Execs[c.Request.ExecId].Running;
            return ended ? c.Refuse($"{container.Entry.RulePath}.signals", "the process has ended", kind: RefusalKind.State) : null;
        }),
    ];

    public static Rule<OpenStream>[] Stream { get; } =
    [
        new("OpenStream.exists", (in Case<OpenStream> c) => Lookups.Missing(c, c.Request.ContainerId, c.Request.ExecId)),
        new("OpenStream.target", (in Case<OpenStream> c) =>
        {
            ContainerState container = c.Container(c.Request.ContainerId)!;
            return Lookups.Target(Lookups.Stdio(container, c.Request.ExecId)!, c.Request.Stream) switch
            {
                StreamTarget.Host => null,
                StreamTarget.Owner when c.Request.Stream != StandardStream.Stdin => null,
                _ => c.Refuse($"{container.Entry.RulePath}.stdio", $"{c.Request.Stream} is not given to the host", "write host for that stream under stdio, or for an exec output: host"),
            };
        }),
    ];

    public static Rule<CloseStdin>[] CloseStdin { get; } =
    [
        new("CloseStdin.exists", (in Case<CloseStdin> c) => Lookups.Missing(c, c.Request.ContainerId, c.Request.ExecId)),
        new("CloseStdin.target", (in Case<CloseStdin> c) =>
        {
            ContainerState container = c.Container(c.Request.ContainerId)!;
            return Lookups.Stdio(container, c.Request.ExecId)!.Stdin == StreamTarget.Host ? null : c.Refuse($"{container.Entry.RulePath}.stdio.stdin", "standard input is not the host's to close");
        }),
    ];

    public static Rule<ResizeTerminal>[] Resize { get; } =
    [
        new("ResizeTerminal.exists", (in Case<ResizeTerminal> c) => Lookups.Missing(c, c.Request.ContainerId, c.Request.ExecId)),
        new("ResizeTerminal.terminal", (in Case<ResizeTerminal> c) =>
        {
            ContainerState container = c.Container(c.Request.ContainerId)!;
            return Lookups.Stdio(container, c.Request.ExecId)!.Terminal ? null : c.Refuse($"{container.Entry.RulePath}.process.terminal", "the process has no terminal", kind: RefusalKind.State);
        }),
        new("ResizeTerminal.size", (in Case<ResizeTerminal> c) => c.Request.Columns is > 0 and <= LargestTerminal && c.Request.Rows is > 0 and <= LargestTerminal ? null
            : c.Refuse("containers.process.terminal", $"a terminal has 1 to {LargestTerminal} columns and rows")),
    ];

    public static Rule<WaitProcess>[] Wait { get; } =
    [
        new("WaitProcess.exists", (in Case<WaitProcess> c) => Lookups.Missing(c, c.Request.ContainerId, c.Request.ExecId)),
    ];

    public static ExitDisclosure Disclosure(ContainerState container, string execId) => execId.Length == 0 ? container.Entry.Exit : ExitDisclosure.Exact;
}
