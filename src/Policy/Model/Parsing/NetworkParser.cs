using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Pavise.Policy.Json;
using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>network</c>.</summary>
internal static class NetworkParser
{
    private const int MostAddresses = 16;
    private const int AddressChars = 45;
    private const int MostDomains = 16;

    public static NetworkEntry Parse(Section root)
    {
        Section network = root.Child("network");
        NetworkEntry entry = new([.. network.Children("ingress").Select(Ingress)], [.. network.Children("egress").Select(Egress)]) { Search = Search(network) };
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
        string host = s.Text("host", 253).ToLowerInvariant();
        IPNetwork? range = Range(host);
        if (s.Present && range is null && !IsName(host))
        {
            s.Problems.Add(s.PathOf("host"), "must be a name, \"*.\" and a name, an address, or a range of addresses such as 10.1.0.0/16 whose bits beyond its length are 0");
        }

        ImmutableArray<IPAddress> addresses = Pinned(s);
        if (!addresses.IsEmpty && (range is not null || host.StartsWith("*.", StringComparison.Ordinal)))
        {
            s.Problems.Add(s.PathOf("addresses"), "belong to one name");
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
        return new(host, port, tls, ca, udp) { Range = range, Addresses = addresses };
    }

    private static ImmutableArray<IPAddress> Pinned(Section s)
    {
        List<IPAddress> pinned = [];
        foreach ((JsonValue value, string path) in s.List("addresses", MostAddresses))
        {
            string text = Values.Text(s.Problems, value, path, AddressChars);
            if (Address(text) is { } address)
            {
                pinned.Add(address);
            }
            else
            {
                s.Problems.Add(path, "must be an address");
            }
        }

        return [.. pinned];
    }

    private static ImmutableArray<string> Search(Section network)
    {
        List<string> domains = [];
        foreach ((JsonValue value, string path) in network.List("search", MostDomains))
        {
            string domain = Values.Text(network.Problems, value, path, 253).ToLowerInvariant();
            if (domain.StartsWith("*.", StringComparison.Ordinal) || !IsName(domain))
            {
                network.Problems.Add(path, "must be a domain's name");
            }

            domains.Add(domain);
        }

        return [.. domains];
    }

    private static IPNetwork? Range(string host)
    {
        if (Address(host) is { } one)
        {
            return new IPNetwork(one, one.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        }

        return host.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && Address(host[..slash]) is not null && IPNetwork.TryParse(host, out IPNetwork range) && range.ToString() == host ? range : null;
    }

    /// <summary>An address in the one way to write it: no octal or short forms, no zone, no IPv4 in IPv6's clothes.</summary>
    private static IPAddress? Address(string text) => IPAddress.TryParse(text, out IPAddress? address) && address is { IsIPv4MappedToIPv6: false } && address.ToString() == text ? address : null;

    private static bool IsName(string host)
    {
        string name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        return name.Length > 0 && !name.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-_.") && name.Split('.').All(l => l.Length is > 0 and <= 63)
            && !name.Split('.')[^1].All(char.IsAsciiDigit);
    }
}
