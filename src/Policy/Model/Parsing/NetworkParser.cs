using System.Collections.Immutable;
using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>network</c>.</summary>
internal static class NetworkParser
{
    public static NetworkEntry Parse(Section root)
    {
        Section network = root.Child("network");
        NetworkEntry entry = new([.. network.Children("ingress").Select(Ingress)], [.. network.Children("egress").Select(Egress)]);
        foreach (IGrouping<int, IngressEntry> port in entry.Ingress.GroupBy(i => i.Port).Where(g => g.Count() > 1))
        {
            root.Problems.Add(network.PathOf("ingress"), $"port {port.Key} stands twice");
        }

        network.Close();
        return entry;
    }

    private static IngressEntry Ingress(Section s)
    {
        s.Required("port");
        IngressEntry entry = new((int)s.Integer("port", 1, 65535, 1), s.Word("tls", "none", "terminate") == "terminate");
        s.Close();
        return entry;
    }

    private static EgressEntry Egress(Section s)
    {
        string host = s.Text("host", 253);
        if (s.Present && (host.Length == 0 || host.AsSpan().ContainsAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:")))
        {
            s.Problems.Add(s.PathOf("host"), "must be a name or an address");
        }

        s.Required("port");
        int port = (int)s.Integer("port", 1, 65535, 1);
        bool tls = s.Word("tls", "none", "require") == "require";
        string ca = s.OptionalText("ca") is { } digest ? Values.Digest(s.Problems, digest, s.PathOf("ca")) : "";
        bool udp = s.Word("protocol", "tcp", "udp") == "udp";
        if ((ca.Length > 0 && !tls) || (tls && udp))
        {
            s.Problems.Add(s.Path, "\"ca\" belongs to tls: require, and tls: require to protocol: tcp");
        }

        s.Close();
        return new(host, port, tls, ca, udp);
    }
}
