using System.Collections.Immutable;

namespace Pavise.Policy.Oci;

/// <summary>The linux object (config-linux.md).</summary>
public sealed record OciLinux
{
    private static readonly string[] NoEffect = ["intelRdt", "personality", "timeOffsets", "netDevices", "memoryPolicy"];

    /// <summary>Nothing asked.</summary>
    public static OciLinux None { get; } = new();

    /// <summary>Number of uidMappings.</summary>
    public int UidMappings { get; init; }
    /// <summary>Number of gidMappings.</summary>
    public int GidMappings { get; init; }
    /// <summary>sysctl.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Sysctl { get; init; } = [];
    /// <summary>resources.</summary>
    public OciResources Resources { get; init; } = OciResources.None;
    /// <summary>cgroupsPath; empty when absent.</summary>
    public string CgroupsPath { get; init; } = "";
    /// <summary>namespaces.</summary>
    public ImmutableArray<OciNamespace> Namespaces { get; init; } = [];
    /// <summary>devices.</summary>
    public ImmutableArray<OciDevice> Devices { get; init; } = [];
    /// <summary>seccomp, or null when absent.</summary>
    public OciSeccomp? Seccomp { get; init; }
    /// <summary>rootfsPropagation; empty when absent.</summary>
    public string RootfsPropagation { get; init; } = "";
    /// <summary>maskedPaths.</summary>
    public ImmutableArray<string> MaskedPaths { get; init; } = [];
    /// <summary>readonlyPaths.</summary>
    public ImmutableArray<string> ReadonlyPaths { get; init; } = [];
    /// <summary>mountLabel; empty when absent.</summary>
    public string MountLabel { get; init; } = "";
    /// <summary>Members of the specification that say something and never have an effect.</summary>
    public ImmutableArray<string> Ignored { get; init; } = [];

    internal static OciLinux Read(ref OciObject o)
    {
        List<string> ignored = [];
        foreach (string key in NoEffect)
        {
            if (o.Says(key))
            {
                ignored.Add(key);
            }
        }

        return new()
        {
            UidMappings = o.List("uidMappings", Mapping).Length,
            GidMappings = o.List("gidMappings", Mapping).Length,
            Sysctl = o.TextMap("sysctl"),
            Resources = o.Child("resources", OciResources.Read) ?? OciResources.None,
            CgroupsPath = o.Text("cgroupsPath") ?? "",
            Namespaces = o.List("namespaces", OciNamespace.Read),
            Devices = o.List("devices", OciDevice.Read),
            Seccomp = o.Child("seccomp", OciSeccomp.Read),
            RootfsPropagation = o.Text("rootfsPropagation") ?? "",
            MaskedPaths = o.Texts("maskedPaths"),
            ReadonlyPaths = o.Texts("readonlyPaths"),
            MountLabel = o.Text("mountLabel") ?? "",
            Ignored = ignored.Count == 0 ? [] : [.. ignored],
        };
    }

    internal static uint Mapping(ref OciObject o)
    {
        o.Ignore("containerID");
        o.Ignore("hostID");
        return o.Unsigned32("size") ?? 0;
    }
}

/// <summary>One element of linux.namespaces.</summary>
/// <param name="Type">type.</param>
/// <param name="Path">path; empty when a new one is meant.</param>
public readonly record struct OciNamespace(string Type, string Path)
{
    internal static OciNamespace Read(ref OciObject o) => new(o.Text("type") ?? "", o.Text("path") ?? "");
}

/// <summary>One element of linux.devices.</summary>
/// <param name="Path">path.</param>
/// <param name="Type">type: c, b, u, p.</param>
/// <param name="Major">major.</param>
/// <param name="Minor">minor.</param>
public readonly record struct OciDevice(string Path, string Type, long Major, long Minor)
{
    internal static OciDevice Read(ref OciObject o)
    {
        o.Ignore("fileMode");
        o.Ignore("uid");
        o.Ignore("gid");
        return new(o.Text("path") ?? "", o.Text("type") ?? "", o.Signed("major") ?? 0, o.Signed("minor") ?? 0);
    }
}

/// <summary>linux.seccomp: only what an audit needs, since the policy's filter is used whatever it says.</summary>
/// <param name="DefaultAction">defaultAction.</param>
/// <param name="Rules">Number of rules.</param>
public sealed record OciSeccomp(string DefaultAction, int Rules)
{
    internal static OciSeccomp Read(ref OciObject o)
    {
        foreach (string key in (ReadOnlySpan<string>)["defaultErrnoRet", "architectures", "flags", "listenerPath", "listenerMetadata"])
        {
            o.Ignore(key);
        }

        return new(o.Text("defaultAction") ?? "", o.List("syscalls", ReadRule).Length);
    }

    private static byte ReadRule(ref OciObject o)
    {
        foreach (string key in (ReadOnlySpan<string>)["name", "names", "action", "errnoRet", "args", "comment", "includes", "excludes"])
        {
            o.Ignore(key);
        }

        return 0;
    }
}
