using Pavise.Policy;
using Pavise.Policy.Seccomp;
using static Pavise.Owner.Policies.Schema.SchemaNode;

namespace Pavise.Owner.Policies.Schema;

/// <summary>One element of <c>containers</c>.</summary>
internal static class ContainerSchema
{
    private static readonly SchemaNode Size = new OneOf(new Number(1, PolicyLimits.SizeBytes), new Text("^[1-9][0-9]*(Ki|Mi|Gi|Ti)?$"));
    private static readonly SchemaNode Id32 = new Number(0, uint.MaxValue - 1), Mode = new Text("^[0-7]{3,5}$"), AbsolutePath = new Text("^/"), Stream = new Word("none", "host", "owner"), Expression = new Text();
    private static readonly SchemaNode Name = new Text("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"), Resources = new List(new Text("^kbs:///[^/]+/[^/]+/[^/]+$"), NotEmpty: true);
    private static readonly SchemaNode Args = new List(new OneOf(new Text(), new Map(new Member("matches", Expression, "What the host's argument must match.", true))), NotEmpty: true);
    private static readonly SchemaNode Env = new Named(new OneOf(new Text(), PolicySchema.Hole(
        new("matches", Expression, "What the host's value must match."),
        new("default", new Text(), "Where the host gives none."),
        new("required", new Flag(), "The host must give it."),
        new("sealed", Resources, "The value comes sealed; resources that open it."))));
    private static readonly SchemaNode User = new Map(new("uid", Id32, "User id.", true), new("gid", Id32, "Group id.", true), new("additionalGids", new List(Id32), "Supplementary groups."));
    private static readonly SchemaNode Capabilities = new List(new OneOf(new Word([.. CapabilityNames.Known]), new Text("^CAP_")));
    private static readonly SchemaNode Limit = new OneOf(new Number(0, 1L << 53), new Word("unlimited"));
    private static readonly SchemaNode Calls = new List(new Word([.. SyscallSets.Known.Order(StringComparer.Ordinal)]));

    private static readonly SchemaNode Process = new Map(
        new("args", Args, "Argument vector: exact texts, or expressions.", true),
        new("env", Env, "Environment: pinned texts, or holes."),
        new("cwd", AbsolutePath, "Working directory."),
        new("user", User, "User and groups.", true),
        new("terminal", new Flag(), "Whether it has a terminal."),
        new("capabilities", Capabilities, "Capabilities; none without this."),
        new("ambientCapabilities", new Flag(), "Whether they reach a process that is not root."),
        new("noNewPrivileges", new Flag(), "Whether executing a program can grant rights: true without this."),
        new("rlimits", new Named(new OneOf(Limit, new Map(new("soft", Limit, "Soft limit.", true), new("hard", Limit, "Hard limit.", true)))), "Resource limits by name."),
        new("umask", Mode, "File mode creation mask."),
        new("oomScoreAdj", new Number(-1000, 1000), "OOM score adjustment."),
        new("sysctls", new Named(new Text()), "Kernel settings of the container."),
        new("maskedPaths", new List(AbsolutePath), "Paths made invisible."),
        new("readonlyPaths", new List(AbsolutePath), "Paths made read-only."),
        new("seccomp", new OneOf(new Word("default", "strict"), new Map(new("base", new Word("default", "strict"), "Profile to start from.", true), new("deny", Calls, "Calls to take out."), new("allow", Calls, "Calls to put in."))), "System-call filter."),
        new("executables", new Word("sealed", "open"), "sealed: code only from the verified image."),
        new("writable", Size, "Size of the writable root, with executables: open."));

    public static SchemaNode Container { get; } = new Map(
        new("name", Name, "Name, unique in the policy.", true),
        new("image", new Map(new("rootfs", new Text("^verity-sha256:[0-9a-f]{64}$"), "Root hash: pavise image hash.", true), new("reference", new Text(), "Where it was taken from, for people.")), "The image.", true),
        new("instances", new Number(1, PolicyLimits.Instances), "How many at once: 1 without this."),
        new("restarts", new Map(new Member("max", new Number(0, PolicyLimits.Restarts), "How often again in one boot.")), "Restarts."),
        new("after", new List(new Map(new("container", Name, "The other container.", true), new("state", new Word("started", "running", "ended", "succeeded"), "What it must have reached.", true))), "What must have happened before it starts."),
        new("process", Process, "The first process.", true),
        new("mounts", new List(new Map(
            new("path", AbsolutePath, "Where.", true),
            new("volume", Name, "A volume of the policy."),
            new("tmpfs", Size, "Memory of its own, of this size."),
            new("files", new Named(new Text("^sha256:[0-9a-f]{64}$")), "Files that the host brings, pinned by digest."),
            new("from", new Word("host"), "One file of the host."),
            new("digest", new Text("^sha256:[0-9a-f]{64}$"), "Pins that file's content."),
            new("sealed", Resources, "That file comes sealed; resources that open it."),
            new("maxSize", Size, "Largest accepted size of that file."),
            new("required", new Flag(), "The host must bring that file."),
            new("mode", Mode, "Permissions of a tmpfs, or of an opened file."),
            new("uid", Id32, "Owner of an opened file."),
            new("gid", Id32, "Group of an opened file."),
            new("readOnly", new Flag(), "Whether it cannot be written."),
            new("exec", new Flag(), "Whether code can be executed from it."))), "Mounts beyond the standard ones."),
        new("exec", new List(new Map(
            new("args", Args, "Argument vector.", true),
            new("output", new Word("exit-code", "host", "owner"), "What becomes of its output.", true),
            new("stdin", new Word("none", "host"), "Who writes its standard input."),
            new("user", User, "The container's without this."),
            new("cwd", AbsolutePath, "The container's without this."),
            new("env", Env, "Over the container's variables."),
            new("terminal", new Flag(), "Never inherited."),
            new("capabilities", Capabilities, "The container's without this."))), "What the host may run in it."),
        new("stdio", new Map(new("stdin", Stream, "Standard input."), new("stdout", Stream, "Standard output; with a terminal all output."), new("stderr", Stream, "Standard error.")), "Where the streams lead."),
        new("signals", new List(new Text()), "Signals that the host may send, without SIG."),
        new("exit", new Word("hidden", "success", "exact"), "How much of the status the host hears."),
        new("resources", new Map(new("memory", Size, "Most memory."), new("cpus", new Number(0.001, PolicyLimits.MilliCpus / 1000.0, Whole: false), "Most CPUs."), new("pids", new Number(1, PolicyLimits.Pids), "Most processes.")), "Up to what the host may set limits."));
}
