using System.Collections.Immutable;

namespace Pavise.Policy.Oci;

/// <summary>An OCI process object (config.md, Process).</summary>
public sealed record OciProcess
{
    /// <summary>args.</summary>
    public ImmutableArray<string> Args { get; init; } = [];
    /// <summary>env, NAME=value as sent.</summary>
    public ImmutableArray<string> Env { get; init; } = [];
    /// <summary>cwd; empty when absent.</summary>
    public string Cwd { get; init; } = "";
    /// <summary>user.uid.</summary>
    public uint Uid { get; init; }
    /// <summary>user.gid.</summary>
    public uint Gid { get; init; }
    /// <summary>user.additionalGids.</summary>
    public ImmutableArray<uint> AdditionalGids { get; init; } = [];
    /// <summary>user.umask, or null.</summary>
    public uint? Umask { get; init; }
    /// <summary>terminal.</summary>
    public bool Terminal { get; init; }
    /// <summary>consoleSize.width, or 0.</summary>
    public uint Columns { get; init; }
    /// <summary>consoleSize.height, or 0.</summary>
    public uint Rows { get; init; }
    /// <summary>capabilities, or null when absent.</summary>
    public OciCapabilities? Capabilities { get; init; }
    /// <summary>rlimits.</summary>
    public ImmutableArray<OciRlimit> Rlimits { get; init; } = [];
    /// <summary>noNewPrivileges, or null.</summary>
    public bool? NoNewPrivileges { get; init; }
    /// <summary>oomScoreAdj, or null.</summary>
    public long? OomScoreAdj { get; init; }
    /// <summary>apparmorProfile; empty when absent.</summary>
    public string ApparmorProfile { get; init; } = "";
    /// <summary>selinuxLabel; empty when absent.</summary>
    public string SelinuxLabel { get; init; } = "";
    /// <summary>Members of the specification that say something and never have an effect: commandLine, scheduler, ioPriority, execCPUAffinity, user.username.</summary>
    public ImmutableArray<string> Ignored { get; init; } = [];
    /// <summary>Paths of members that the specification does not have.</summary>
    public ImmutableArray<string> Unknown { get; init; } = [];

    /// <summary>Parses a raw process object.</summary>
    /// <exception cref="OciFormatException">Says which field is malformed.</exception>
    public static OciProcess Parse(ReadOnlySpan<byte> utf8)
    {
        List<string> unknown = [];
        OciObject root = OciObject.Root(utf8, unknown);
        OciProcess process = Read(ref root);
        root.Close();
        return unknown.Count == 0 ? process : process with { Unknown = [.. unknown] };
    }

    internal static OciProcess Read(ref OciObject o)
    {
        List<string> ignored = [];
        foreach (string key in (ReadOnlySpan<string>)["commandLine", "scheduler", "ioPriority", "execCPUAffinity"])
        {
            if (o.Says(key))
            {
                ignored.Add(key);
            }
        }

        User user = o.Child("user", ReadUser) ?? User.None;
        if (user.HasName)
        {
            ignored.Add("user.username");
        }

        ConsoleSize size = o.Child("consoleSize", ReadConsole) ?? ConsoleSize.None;
        return new()
        {
            Args = o.Texts("args"),
            Env = o.Texts("env"),
            Cwd = o.Text("cwd") ?? "",
            Uid = user.Uid,
            Gid = user.Gid,
            AdditionalGids = user.AdditionalGids,
            Umask = user.Umask,
            Terminal = o.Flag("terminal") ?? false,
            Columns = size.Width,
            Rows = size.Height,
            Capabilities = o.Child("capabilities", OciCapabilities.Read),
            Rlimits = o.List("rlimits", OciRlimit.Read),
            NoNewPrivileges = o.Flag("noNewPrivileges"),
            OomScoreAdj = o.Signed("oomScoreAdj"),
            ApparmorProfile = o.Text("apparmorProfile") ?? "",
            SelinuxLabel = o.Text("selinuxLabel") ?? "",
            Ignored = ignored.Count == 0 ? [] : [.. ignored],
        };
    }

    private static User ReadUser(ref OciObject o) =>
        new(o.Unsigned32("uid") ?? 0, o.Unsigned32("gid") ?? 0, o.Numbers("additionalGids"), o.Unsigned32("umask"), o.Says("username"));

    private static ConsoleSize ReadConsole(ref OciObject o) => new(o.Unsigned32("width") ?? 0, o.Unsigned32("height") ?? 0);

    private sealed record User(uint Uid, uint Gid, ImmutableArray<uint> AdditionalGids, uint? Umask, bool HasName)
    {
        public static User None { get; } = new(0, 0, [], null, false);
    }

    private sealed record ConsoleSize(uint Width, uint Height)
    {
        public static ConsoleSize None { get; } = new(0, 0);
    }
}

/// <summary>process.capabilities: the five sets.</summary>
/// <param name="Bounding">bounding.</param>
/// <param name="Effective">effective.</param>
/// <param name="Permitted">permitted.</param>
/// <param name="Inheritable">inheritable.</param>
/// <param name="Ambient">ambient.</param>
public sealed record OciCapabilities(ImmutableArray<string> Bounding, ImmutableArray<string> Effective, ImmutableArray<string> Permitted, ImmutableArray<string> Inheritable, ImmutableArray<string> Ambient)
{
    internal static OciCapabilities Read(ref OciObject o) =>
        new(o.Texts("bounding"), o.Texts("effective"), o.Texts("permitted"), o.Texts("inheritable"), o.Texts("ambient"));
}

/// <summary>One element of process.rlimits.</summary>
/// <param name="Type">type, RLIMIT_…</param>
/// <param name="Soft">soft.</param>
/// <param name="Hard">hard.</param>
public readonly record struct OciRlimit(string Type, ulong Soft, ulong Hard)
{
    internal static OciRlimit Read(ref OciObject o) => new(o.Text("type") ?? "", o.Unsigned("soft") ?? 0, o.Unsigned("hard") ?? 0);
}
