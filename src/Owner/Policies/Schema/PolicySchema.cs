using System.Text;
using System.Text.Json;
using Pavise.Policy;
using static Pavise.Owner.Policies.Schema.SchemaNode;

namespace Pavise.Owner.Policies.Schema;

/// <summary>The language as JSON Schema, for editors. A test holds it against the parser: same maps, same keys.</summary>
internal static class PolicySchema
{
    public const string Id = "https://pavise.dev/schemas/policy-v1.json";

    private static readonly SchemaNode Size = new OneOf(new Number(1, PolicyLimits.SizeBytes), new Text("^[1-9][0-9]*(Ki|Mi|Gi|Ti)?$"));
    private static readonly SchemaNode Cpus = new Number(0.001, PolicyLimits.MilliCpus / 1000.0, Whole: false), Id32 = new Number(0, uint.MaxValue - 1), Mode = new Text("^[0-7]{3,5}$");
    private static readonly SchemaNode Name = new Text("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"), AbsolutePath = new Text("^/"), Digest = new Text("^sha256:[0-9a-f]{64}$"), Resource = new Text("^kbs:///[^/]+/[^/]+/[^/]+$");
    private static readonly SchemaNode Stream = new Word("none", "host", "owner"), Expression = new Text();

    /// <summary>The whole document.</summary>
    public static Map Root { get; } = new(
        new("apiVersion", new Word("pavise.dev/v1"), "Version of the language.", true),
        new("kind", new Word("Policy"), "Kind of the document.", true),
        new("metadata", new Map(new("name", Name, "Name of the policy.", true), new("version", new Number(1, 1L << 53), "Only grows; the key broker refuses an older one.", true)), "Name and version.", true),
        new("owners", new List(new Map(
            new("name", Name, "Name of the owner.", true),
            new("signKey", new Text(), "P-256 or P-384 SubjectPublicKeyInfo, DER in base64.", true),
            new("sealKey", new Text(), "P-256 or P-384 SubjectPublicKeyInfo, DER in base64.", true),
            new("may", new List(new Word("exec", "attach", "logs", "copy", "forward", "ps", "stats", "audit", "seal")), "What the owner may do."))), "Owners: pavise owner show prints the lines."),
        new("sandbox", new Map(
            new("hostname", new OneOf(new Text(), Hole(new Member("matches", Expression, "What the name must match."))), "A name, any, or a hole."),
            new("memory", Size, "Memory of the pVM."),
            new("cpus", Cpus, "CPUs of the pVM.")), "The pVM as a whole."),
        new("containers", new List(ContainerSchema.Container), "Containers that may exist.", true),
        new("volumes", new Named(new Map(
            new("kind", new Word("memory", "encrypted", "shared"), "memory: in the guest; encrypted: on the host's disk; shared: the host's files.", true),
            new("size", Size, "Its size."),
            new("mode", Mode, "Permissions of its root."),
            new("key", Resource, "Key broker resource of an encrypted volume's key."),
            new("freshness", new Word("none", "broker"), "broker: the host cannot put back an older state."),
            new("visibleToHost", new Flag(), "Must be true for a shared volume: the host reads it."))), "Volumes by name."),
        new("secrets", new List(new Map(
            new("resource", Resource, "Its name at the key broker.", true),
            new("to", new Map(
                new("container", Name, "Container that gets it.", true),
                new("file", AbsolutePath, "Path of the file."),
                new("mode", Mode, "Permissions of the file."),
                new("uid", Id32, "Owner of the file."),
                new("gid", Id32, "Group of the file."),
                new("env", new Text(), "Variable, instead of a file.")), "Where it goes.", true))), "Secrets of the key broker."),
        new("network", new Map(
            new("ingress", new List(new Map(
                new("port", new Number(1, 65535), "TCP port.", true),
                new("tls", new Word("none", "terminate"), "terminate: the shield ends TLS with an attested key."))), "Ports that the world may reach."),
            new("egress", new List(new Map(
                new("host", new Text(), "Name or address.", true),
                new("port", new Number(1, 65535), "Port.", true),
                new("tls", new Word("none", "require"), "require: the shield insists on TLS."),
                new("ca", Digest, "Digest of the CA certificate."),
                new("addresses", new List(new Text()), "Addresses of the name: it is never asked for outside."),
                new("protocol", new Word("tcp", "udp"), "tcp or udp."))), "Peers that may be reached."),
            new("search", new List(new Text()), "Domains that a short name is looked for in.")), "Network."),
        new("host", new Map(
            new("stats", new Word("none", "coarse", "exact"), "How finely the host sees resource use."),
            new("processes", new Word("none", "count", "names"), "How much the host sees of processes."),
            new("pause", new Word("refuse", "allow"), "Whether the host may freeze containers."),
            new("resize", new Map(new("maxMemory", Size, "Up to which memory."), new("maxCpus", Cpus, "Up to how many CPUs."), new("maxPids", new Number(1, PolicyLimits.Pids), "Up to how many processes.")), "Up to what the host may change limits."),
            new("errors", new Word("redacted", "detailed"), "Whether refusals tell the host rule, reason and hint.")), "What the host sees and may ask beyond the containers."),
        new("attestation", new Map(
            new("keyBroker", new Map(new("url", new Text("^https://"), "https://host:port.", true), new("key", new Text("^spki-sha256:[0-9a-f]{64}$"), "Digest of its key.", true)), "The key broker: pavise kb init prints the lines."),
            new("tees", new List(new Word("snp", "tdx", "sim")), "Accepted kinds of evidence."),
            new("instances", new Map(
                new("most", new Number(1, PolicyLimits.Instances), "How many launches may hold a lease at once.", true),
                new("lease", Resource, "Key broker resource that counts them.", true),
                new("seconds", new Number(PolicyLimits.LeaseLeastSeconds, PolicyLimits.LeaseMostSeconds), "How long a lease lasts.")), "Leases that the key broker counts.")), "What proves the launch, and to whom."),
        new("strict", new Flag(), "Refuse what would have no effect."));

    /// <summary>The schema's text.</summary>
    public static string Text()
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new() { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            writer.WriteString("$id", Id);
            writer.WriteString("title", "Pavise policy");
            Root.Write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    internal static Map Hole(params Member[] more) => new([new("from", new Word("host"), "The host's value is used.", true), .. more]);
}
