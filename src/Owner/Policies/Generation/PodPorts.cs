using System.Globalization;
using Pavise.Owner.Policies.Drafts;
using Pavise.Owner.Policies.Kubernetes;

namespace Pavise.Owner.Policies.Generation;

/// <summary>Ports as ingress.</summary>
internal static class PodPorts
{
    public static void Read(PodContext context, YamlNode node, ContainerDraft container)
    {
        foreach (YamlNode port in node.List("ports"))
        {
            if ((port.Text("protocol") ?? "TCP") != "TCP")
            {
                context.Remarks.Warn("port-protocol", port, $"port {port.RequiredText("containerPort")} is {port.Text("protocol")}: ingress is TCP only, the port stays closed");
                continue;
            }

            if (port.Find("hostPort") is not null)
            {
                context.Remarks.Warn("host-port", port, "hostPort is the node's business and has no effect within the pVM");
            }

            Add(context, Number(node, port.Required("containerPort")), $"{container.Name}{(port.Text("name") is { } name ? $": {name}" : "")}");
        }
    }

    public static void Add(PodContext context, int port, string comment)
    {
        if (!context.Draft.Ingress.TryGetValue(port, out string? known))
        {
            context.Draft.Ingress[port] = comment;
        }
        else if (!known.Contains(comment, StringComparison.Ordinal))
        {
            context.Draft.Ingress[port] = $"{known}; {comment}";
        }
    }

    /// <summary>A port by number or by its name in the container.</summary>
    public static int Number(YamlNode container, YamlNode port)
    {
        string text = port.Text();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            YamlNode named = container.List("ports").FirstOrDefault(p => p.Text("name") == text) ?? throw port.Wrong($"the container has no port named \"{text}\"");
            number = (int)Math.Clamp(named.Whole("containerPort") ?? 0, 0, 65536);
        }

        return number is > 0 and <= 65535 ? number : throw port.Wrong($"{text} is no port");
    }

    /// <summary>The policy's name of an image's stop signal, where it is another than TERM.</summary>
    public static string? Signal(string text)
    {
        string name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..].ToUpperInvariant() : text.ToUpperInvariant();
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            name = Pavise.Policy.SignalNames.Name(number);
        }

        return Pavise.Policy.SignalNames.Number(name) > 0 && name != "TERM" ? name : null;
    }
}
