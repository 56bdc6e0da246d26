using System.Collections.Immutable;

namespace Pavise.Policy.Oci;

/// <summary>One element of mounts (config.md, Mounts).</summary>
/// <param name="Destination">destination.</param>
/// <param name="Type">type; empty when absent.</param>
/// <param name="Source">source; empty when absent.</param>
/// <param name="Options">options.</param>
/// <param name="IdMapped">Whether it has id mappings of its own.</param>
public sealed record OciMount(string Destination, string Type, string Source, ImmutableArray<string> Options, bool IdMapped)
{
    internal static OciMount Read(ref OciObject o) => new(
        o.Text("destination") ?? "",
        o.Text("type") ?? "",
        o.Text("source") ?? "",
        o.Texts("options"),
        o.List("uidMappings", OciLinux.Mapping).Length + o.List("gidMappings", OciLinux.Mapping).Length > 0);
}
