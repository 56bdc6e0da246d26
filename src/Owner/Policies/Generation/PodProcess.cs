using Pavise.Owner.Policies.Drafts;
using Pavise.Owner.Policies.Kubernetes;

namespace Pavise.Owner.Policies.Generation;

/// <summary>Command and arguments, working directory, probes and hooks.</summary>
internal static class PodProcess
{
    private static readonly string[] Probes = ["startupProbe", "readinessProbe", "livenessProbe"], Hooks = ["postStart", "preStop"];

    public static void Read(PodContext context, YamlNode node, ContainerDraft container, PodEnvironment environment)
    {
        // command replaces entrypoint and cmd; args replace cmd.
        IReadOnlyList<string> command = node.Texts("command"), args = node.Texts("args");
        Images(context, node, container, command, args);
        foreach (string word in command.Concat(args))
        {
            List<string> unknown = [];
            DraftValue value = Expansion.Expand(word, environment.Known, unknown);
            environment.Unknown(node, unknown);
            container.Args.Add(value);
            if (value.IsSecret)
            {
                context.Remarks.Warn("secret-argument", node, $"container {container.Name} has a secret in an argument: the host fills it in and knows it; let the application read it from a file or variable");
            }
        }

        string cwd = node.Text("workingDir") ?? container.Image.Configuration.WorkingDir;
        container.Cwd = cwd.Length == 0 ? "/" : cwd;
        if (!Pavise.Policy.Paths.IsPlainAbsolute(container.Cwd))
        {
            context.Remarks.Refuse(node.Find("workingDir") ?? node, $"the working directory {Pavise.Policy.Model.Reading.Values.Shown(cwd)} is not written in its shortest form, and a policy compares it letter by letter; set workingDir: {Pavise.Policy.Paths.Normal("/" + cwd)}");
            container.Cwd = "/";
        }

        foreach (string probe in Probes)
        {
            if (node.Find(probe) is { } found)
            {
                Action(context, node, container, found, probe, words => words.Select(w => Expansion.Expand(w, environment.Written, [])));
            }
        }

        foreach (string hook in Hooks)
        {
            if (node.Find("lifecycle")?.Find(hook) is { } found)
            {
                Action(context, node, container, found, hook, words => words.Select(w => new DraftValue(w)));
            }
        }

        if (PodPorts.Signal(container.Image.Configuration.StopSignal) is { } signal)
        {
            container.Signals.Add(signal);
        }
    }

    private static void Images(PodContext context, YamlNode node, ContainerDraft container, IReadOnlyList<string> command, IReadOnlyList<string> args)
    {
        if (command.Count > 0)
        {
            return;
        }

        Pavise.Images.ImageConfiguration image = container.Image.Configuration;
        container.Args.AddRange(image.Entrypoint.Select(w => new DraftValue(w)));
        if (args.Count == 0)
        {
            container.Args.AddRange(image.Cmd.Select(w => new DraftValue(w)));
        }

        if (container.Args.Count == 0 && args.Count == 0)
        {
            context.Remarks.Refuse(node, $"container {container.Name} has no command, and its image {container.Image.Reference} names none");
        }
    }

    private static void Action(PodContext context, YamlNode node, ContainerDraft container, YamlNode action, string what, Func<IReadOnlyList<string>, IEnumerable<DraftValue>> expand)
    {
        if (action.Find("exec") is { } exec)
        {
            DraftValue[] args = [.. expand(exec.Texts("command"))];
            if (args.Length == 0)
            {
                throw exec.Wrong("the command is empty");
            }

            int known = container.Exec.FindIndex(e => e.Args.SequenceEqual(args));
            if (known >= 0)
            {
                container.Exec[known] = container.Exec[known] with { Comment = $"{container.Exec[known].Comment}, {what}" };
            }
            else
            {
                container.Exec.Add(new(args, what));
            }
        }
        else if ((action.Find("httpGet") ?? action.Find("tcpSocket") ?? action.Find("grpc")) is { } port && port.Find("port") is { } number)
        {
            PodPorts.Add(context, PodPorts.Number(node, number), $"{container.Name}: {what} of the kubelet");
        }
    }
}
