using System.Globalization;
using Pavise.Policy;
using Pavise.Policy.Model;
using Pavise.Policy.Oci;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Owner.Policies.Operations;

/// <summary>Processes of one container: execs, signals, streams, terminals, waiting.</summary>
internal static class ProcessOperations
{
    private const string Id = Scene.Container, ExecId = "e";

    public static void Add(Inventory inventory, Vocabulary vocabulary, string name, ContainerEntry? entry)
    {
        PolicyState running = entry is null ? Scene.Attached(inventory.Policy) : Scene.Running(inventory.Policy, entry);
        for (int signal = 1; signal <= SignalNames.Last; signal++)
        {
            inventory.Ask(name, SignalNames.Name(signal), running, new SignalProcess(Id, "", signal, false));
        }

        Streams(inventory, name, "", running, entry?.Exit.ToString().ToLowerInvariant() ?? "");
        inventory.Ask(name, "any other process", running, new ExecProcess(Id, ExecId, new OciProcess { Args = ["/pavise/other"], Cwd = "/" }));
        foreach (string line in vocabulary.Execs(name))
        {
            if (entry?.Exec.FirstOrDefault(e => Box.ExecName(entry, e) == line) is not { } exec)
            {
                inventory.Ask(name, line, running, Foreign(vocabulary, name, line));
                Streams(inventory, $"{name} exec {line}", ExecId, running, "exact");
                continue;
            }

            Box box = Box.Of(inventory.Policy, entry, exec);
            inventory.Ask(name, line, running, Scene.Exec(box.Uncovered([]).Values, ExecId), $"which streams it may open; output: {exec.Output switch { ExecOutput.Host => "host", ExecOutput.Owner => "owner", _ => "exit-code" }}");
            Streams(inventory, $"{name} exec {line}", ExecId, Scene.Running(inventory.Policy, entry, exec, ExecId), "exact");
        }
    }

    /// <summary>The exec of another policy, asked of this one.</summary>
    private static ExecProcess Foreign(Vocabulary vocabulary, string name, string line)
    {
        (PolicyDocument policy, ContainerEntry container, ExecEntry exec) = vocabulary.Policies.SelectMany(p => p.Containers.Where(c => c.Name == name).SelectMany(c => c.Exec.Select(e => (p, c, e)))).First(e => Box.ExecName(e.c, e.e) == line);
        return Scene.Exec(Box.Of(policy, container, exec).Uncovered([]).Values, ExecId);
    }

    private static void Streams(Inventory inventory, string subject, string execId, PolicyState state, string status)
    {
        foreach (StandardStream stream in Enum.GetValues<StandardStream>())
        {
            inventory.Ask(subject, stream.ToString().ToLower(CultureInfo.InvariantCulture), state, new OpenStream(Id, execId, stream), "its bytes");
        }

        inventory.Ask(subject, "close standard input", state, new CloseStdin(Id, execId));
        inventory.Ask(subject, "size of the terminal", state, new ResizeTerminal(Id, execId, 80, 24));
        inventory.Ask(subject, "wait for its end", state, new WaitProcess(Id, execId), $"status: {status}");
    }
}
