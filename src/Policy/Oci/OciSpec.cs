using System.Collections.Immutable;

namespace Pavise.Policy.Oci;

/// <summary>
/// What the shield reads of the host's OCI configuration (OCI runtime specification 1.0 to 1.2, config.md). Everything else has no effect, and
/// is named for the audit.
/// </summary>
public sealed record OciSpec
{
    private static readonly string[] OtherPlatforms = ["solaris", "windows", "vm", "zos", "freebsd"];

    /// <summary>ociVersion.</summary>
    public string OciVersion { get; init; } = "";
    /// <summary>process; an empty one when absent.</summary>
    public OciProcess Process { get; init; } = new();
    /// <summary>root.path; empty when absent.</summary>
    public string RootPath { get; init; } = "";
    /// <summary>root.readonly, or null.</summary>
    public bool? RootReadonly { get; init; }
    /// <summary>hostname; empty when absent.</summary>
    public string Hostname { get; init; } = "";
    /// <summary>domainname; empty when absent.</summary>
    public string Domainname { get; init; } = "";
    /// <summary>mounts.</summary>
    public ImmutableArray<OciMount> Mounts { get; init; } = [];
    /// <summary>hooks.</summary>
    public OciHooks Hooks { get; init; } = new("");
    /// <summary>annotations.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Annotations { get; init; } = [];
    /// <summary>linux.</summary>
    public OciLinux Linux { get; init; } = OciLinux.None;
    /// <summary>Objects for other platforms that say something.</summary>
    public ImmutableArray<string> Ignored { get; init; } = [];
    /// <summary>Paths of members that the specification does not have.</summary>
    public ImmutableArray<string> Unknown { get; init; } = [];

    /// <summary>Parses raw config.json bytes, bounded and strict: duplicate keys, wrong types and oversized values are errors.</summary>
    /// <exception cref="OciFormatException">Says which field is malformed.</exception>
    public static OciSpec Parse(ReadOnlySpan<byte> utf8)
    {
        List<string> unknown = [];
        OciObject root = OciObject.Root(utf8, unknown);
        OciSpec spec = Read(ref root);
        root.Close();
        return unknown.Count == 0 ? spec : spec with { Unknown = [.. unknown] };
    }

    private static OciSpec Read(ref OciObject o)
    {
        List<string> ignored = [];
        foreach (string key in OtherPlatforms)
        {
            if (o.Says(key))
            {
                ignored.Add(key);
            }
        }

        OciRoot? root = o.Child("root", (ref OciObject r) => new OciRoot(r.Text("path") ?? "", r.Flag("readonly")));
        return new()
        {
            OciVersion = o.Text("ociVersion") ?? "",
            Process = o.Child("process", OciProcess.Read) ?? new(),
            RootPath = root?.Path ?? "",
            RootReadonly = root?.Readonly,
            Hostname = o.Text("hostname") ?? "",
            Domainname = o.Text("domainname") ?? "",
            Mounts = o.List("mounts", OciMount.Read),
            Hooks = o.Child("hooks", OciHooks.Read) ?? new(""),
            Annotations = o.TextMap("annotations"),
            Linux = o.Child("linux", OciLinux.Read) ?? OciLinux.None,
            Ignored = ignored.Count == 0 ? [] : [.. ignored],
        };
    }

    private sealed record OciRoot(string Path, bool? Readonly);
}
