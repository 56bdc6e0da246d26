using System.Collections.Immutable;

namespace Pavise.Policy.Plans;

/// <summary>The complete effective object of a permitted request. The executor gets nothing else.</summary>
public abstract record Plan(DecisionPoint Point);

/// <summary>A permitted request that carries no more than its own, already checked, identifiers.</summary>
public sealed record SimplePlan(DecisionPoint Point) : Plan(Point);

/// <summary>A permitted request about one container, or one process of it.</summary>
/// <param name="Point">Decision point: StartContainer, CloseStdin, PauseContainer, ResumeContainer.</param>
/// <param name="ContainerId">The container.</param>
/// <param name="ExecId">The exec; empty for the first process.</param>
public sealed record SubjectPlan(DecisionPoint Point, string ContainerId, string ExecId) : Plan(Point);

/// <summary>Remove an ended container or exec.</summary>
/// <param name="ContainerId">The container.</param>
/// <param name="ExecId">The exec; empty for the container itself.</param>
/// <param name="Kill">Whether it still has to be ended with SIGKILL first.</param>
public sealed record DeletePlan(string ContainerId, string ExecId, bool Kill) : Plan(DecisionPoint.DeleteContainer);

/// <summary>Change a terminal's size.</summary>
public sealed record ResizePlan(string ContainerId, string ExecId, uint Columns, uint Rows) : Plan(DecisionPoint.ResizeTerminal);

/// <summary>An exec that carries an owner's session: its standard input and output are the session's bytes, and no program runs.</summary>
public sealed record SessionPlan(string ContainerId, string ExecId) : Plan(DecisionPoint.OpenSession)
{
    /// <summary>The host carries both directions.</summary>
    public static StdioPlan Stdio { get; } = new(StreamTarget.Host, StreamTarget.Host, StreamTarget.None, false);
}

/// <summary>A process that an owner runs in a session.</summary>
/// <param name="Owner">Who.</param>
/// <param name="ContainerId">Where.</param>
/// <param name="Process">The process.</param>
/// <param name="Secrets">Secrets of the container that are variables.</param>
public sealed record OwnerExecPlan(string Owner, string ContainerId, ProcessPlan Process, ImmutableArray<SecretPlan> Secrets) : Plan(DecisionPoint.OwnerExec);

/// <summary>Anything else that an owner does in a session.</summary>
/// <param name="Point">Decision point.</param>
/// <param name="Owner">Who.</param>
/// <param name="ContainerId">Where; empty for the audit.</param>
public sealed record OwnerPlan(DecisionPoint Point, string Owner, string ContainerId) : Plan(Point)
{
    /// <summary>Whether standard input of the first process is the owner's.</summary>
    public bool Stdin { get; init; }
}

/// <summary>Power off within the grace time.</summary>
public sealed record ShutdownPlan(uint GraceMs) : Plan(DecisionPoint.Shutdown);

/// <summary>What goes through which standard stream.</summary>
public enum StreamTarget
{
    /// <summary>Nothing: /dev/null.</summary>
    None,
    /// <summary>The host, in clear.</summary>
    Host,
    /// <summary>The owner, sealed.</summary>
    Owner,
}

/// <summary>The targets of the three streams. With a terminal, Stdout stands for all output.</summary>
public sealed record StdioPlan(StreamTarget Stdin, StreamTarget Stdout, StreamTarget Stderr, bool Terminal);

/// <summary>A resource limit of <c>setrlimit(2)</c>. Type as OCI writes it: RLIMIT_NOFILE.</summary>
public sealed record RlimitPlan(string Type, ulong Soft, ulong Hard);

/// <summary>The effective process: first process of a container, or an exec.</summary>
public sealed record ProcessPlan
{
    /// <summary>Argument vector, at least one element.</summary>
    public required ImmutableArray<string> Args { get; init; }
    /// <summary>NAME=value, sorted by name, no name twice.</summary>
    public required ImmutableArray<string> Env { get; init; }
    /// <summary>Absolute path.</summary>
    public required string Cwd { get; init; }
    /// <summary>User id in the container.</summary>
    public required uint Uid { get; init; }
    /// <summary>Group id in the container.</summary>
    public required uint Gid { get; init; }
    /// <summary>Supplementary groups.</summary>
    public required ImmutableArray<uint> AdditionalGids { get; init; }
    /// <summary>File mode creation mask, or null for the launcher's default (0022).</summary>
    public uint? Umask { get; init; }
    /// <summary>CAP_ names: bounding, effective and permitted sets alike (inheritable and ambient stay empty unless <see cref="AmbientCapabilities"/>).</summary>
    public required ImmutableArray<string> Capabilities { get; init; }
    /// <summary>Whether the capabilities also enter the ambient set (needed by a non-root user).</summary>
    public bool AmbientCapabilities { get; init; }
    /// <summary>Whether exec cannot grant privileges.</summary>
    public required bool NoNewPrivileges { get; init; }
    /// <summary>Resource limits.</summary>
    public required ImmutableArray<RlimitPlan> Rlimits { get; init; }
    /// <summary>OOM score adjustment, -1000 to 1000.</summary>
    public int? OomScoreAdj { get; init; }
    /// <summary>Streams and terminal.</summary>
    public required StdioPlan Stdio { get; init; }
    /// <summary>Initial terminal size, or 0.</summary>
    public uint Columns { get; init; }
    /// <summary>Initial terminal size, or 0.</summary>
    public uint Rows { get; init; }
}

/// <summary>One effective mount, in the order in which they are made.</summary>
public sealed record MountPlan(string Destination, MountKind Kind)
{
    /// <summary>Name of the policy's volume, for <see cref="MountKind.Volume"/>.</summary>
    public string VolumeName { get; init; } = "";
    /// <summary>Whether it cannot be written.</summary>
    public bool ReadOnly { get; init; }
    /// <summary>Whether code cannot be executed from it.</summary>
    public bool NoExec { get; init; } = true;
    /// <summary>Size limit in bytes of a memory volume or tmpfs; 0 = the kernel's default.</summary>
    public ulong SizeBytes { get; init; }
    /// <summary>Permissions of the mount's root directory (tmpfs), or null.</summary>
    public uint? Mode { get; init; }
    /// <summary>The encrypted volume that it is, for <see cref="MountKind.Volume"/>; null for one in guest memory.</summary>
    public EncryptedVolumePlan? Encrypted { get; init; }
    /// <summary>Whether it is a shared volume, whose files the host reads and writes, for <see cref="MountKind.Volume"/>.</summary>
    public bool IsShared { get; init; }
    /// <summary>Files expected from the host: name below the destination (empty: the mount itself) and their SHA-256, or null where the content is a declared hole.</summary>
    public ImmutableArray<HostFilePlan> Files { get; init; } = [];
}

/// <summary>A file the host has to bring.</summary>
/// <param name="Name">Below the mount; empty when the mount is the file itself.</param>
/// <param name="Sha256Hex">Pinned digest in lower-case hex, or null where the content is untrusted by declaration.</param>
/// <param name="MaxBytes">Largest accepted size.</param>
public sealed record HostFilePlan(string Name, string? Sha256Hex, ulong MaxBytes)
{
    /// <summary>Where the content comes sealed: what opens it, and what the opened file is like; null where it does not.</summary>
    public SealedFilePlan? Sealed { get; init; }
}

/// <summary>Kinds of mounts.</summary>
public enum MountKind
{
    /// <summary>procfs at /proc.</summary>
    Proc,
    /// <summary>A small tmpfs with the standard device nodes.</summary>
    Dev,
    /// <summary>devpts at /dev/pts.</summary>
    DevPts,
    /// <summary>tmpfs at /dev/shm.</summary>
    Shm,
    /// <summary>POSIX message queues.</summary>
    Mqueue,
    /// <summary>sysfs, read-only.</summary>
    Sysfs,
    /// <summary>The container's cgroup, read-only.</summary>
    Cgroup,
    /// <summary>A tmpfs of this mount alone.</summary>
    Tmpfs,
    /// <summary>A volume, in memory, encrypted, or the host's files, shared by the containers that name it.</summary>
    Volume,
    /// <summary>Files brought by the host, on a tmpfs, read-only.</summary>
    HostFiles,
    /// <summary>One secret as a file, on a tmpfs, read-only.</summary>
    Secret,
    /// <summary>A file that the guest makes of the policy's network: /etc/resolv.conf or /etc/hosts, read-only.</summary>
    Network,
}

/// <summary>Effective cgroup limits; null = no limit.</summary>
public sealed record ResourcesPlan
{
    /// <summary>memory.max in bytes.</summary>
    public ulong? MemoryBytes { get; init; }
    /// <summary>CPU time per period, in microseconds.</summary>
    public long? CpuQuotaUs { get; init; }
    /// <summary>CPU period in microseconds.</summary>
    public ulong? CpuPeriodUs { get; init; }
    /// <summary>Relative weight, OCI shares (2 to 262144).</summary>
    public ulong? CpuShares { get; init; }
    /// <summary>pids.max.</summary>
    public long? Pids { get; init; }
}

/// <summary>One rule of a seccomp profile, in the terms of the OCI runtime specification (config-linux, Seccomp).</summary>
/// <param name="Names">System call names.</param>
/// <param name="Action">SCMP_ACT_ALLOW, SCMP_ACT_ERRNO, …</param>
/// <param name="ErrnoRet">errno for SCMP_ACT_ERRNO, or null.</param>
/// <param name="Args">Argument conditions.</param>
public sealed record SeccompRulePlan(ImmutableArray<string> Names, string Action, uint? ErrnoRet, ImmutableArray<SeccompArgPlan> Args);

/// <summary>A condition on one argument.</summary>
public sealed record SeccompArgPlan(uint Index, ulong Value, ulong ValueTwo, string Op);

/// <summary>The effective seccomp profile.</summary>
public sealed record SeccompPlan(string DefaultAction, uint? DefaultErrnoRet, ImmutableArray<string> Architectures, ImmutableArray<SeccompRulePlan> Rules);

/// <summary>The complete effective container.</summary>
public sealed record ContainerPlan() : Plan(DecisionPoint.CreateContainer)
{
    /// <summary>The orchestrator's id.</summary>
    public required string ContainerId { get; init; }
    /// <summary>The policy's entry.</summary>
    public required string Entry { get; init; }
    /// <summary>The verified root image.</summary>
    public required RootHash Root { get; init; }
    /// <summary>The root is the image itself, read-only. False: a writable overlay in guest memory.</summary>
    public required bool RootReadOnly { get; init; }
    /// <summary>Size limit in bytes of the writable overlay; 0 when there is none.</summary>
    public ulong OverlayBytes { get; init; }
    /// <summary>UTS host name.</summary>
    public required string Hostname { get; init; }
    /// <summary>First process.</summary>
    public required ProcessPlan Process { get; init; }
    /// <summary>Mounts, in order.</summary>
    public required ImmutableArray<MountPlan> Mounts { get; init; }
    /// <summary>Paths made invisible.</summary>
    public required ImmutableArray<string> MaskedPaths { get; init; }
    /// <summary>Paths made read-only.</summary>
    public required ImmutableArray<string> ReadonlyPaths { get; init; }
    /// <summary>Namespaced kernel settings, name to value.</summary>
    public required ImmutableSortedDictionary<string, string> Sysctls { get; init; }
    /// <summary>Limits.</summary>
    public required ResourcesPlan Resources { get; init; }
    /// <summary>System-call filter.</summary>
    public required SeccompPlan Seccomp { get; init; }
    /// <summary>Secrets of the key broker; those that are files have a mount of kind <see cref="MountKind.Secret"/> in <see cref="Mounts"/>.</summary>
    public ImmutableArray<SecretPlan> Secrets { get; init; } = [];
    /// <summary>Variables among <see cref="ProcessPlan.Env"/> whose values are sealed.</summary>
    public ImmutableArray<SealedVariablePlan> SealedVariables { get; init; } = [];
    /// <summary>The policy's entry itself: what the state after creation is made from. Not for executors.</summary>
    internal Model.ContainerEntry? Source { get; init; }
}

/// <summary>A permitted exec.</summary>
public sealed record ExecPlan(string ContainerId, string ExecId, ProcessPlan Process, SeccompPlan Seccomp) : Plan(DecisionPoint.ExecProcess)
{
    /// <summary>Secrets of the container that are variables.</summary>
    public ImmutableArray<SecretPlan> Secrets { get; init; } = [];
    /// <summary>Names of variables that the container opened when it was created; what <see cref="ProcessPlan.Env"/> holds under these names is sealed.</summary>
    public ImmutableArray<string> SealedVariables { get; init; } = [];
}

/// <summary>One secret of the key broker, and where it goes: a file or a variable.</summary>
/// <param name="Resource">Its name at the key broker, kbs:///repository/type/tag.</param>
/// <param name="File">Path in the container; empty for a variable.</param>
/// <param name="Variable">Environment variable; empty for a file.</param>
/// <param name="Mode">Permissions of the file.</param>
/// <param name="Uid">Owner of the file.</param>
/// <param name="Gid">Group of the file.</param>
public sealed record SecretPlan(string Resource, string File, string Variable, uint Mode, uint Uid, uint Gid);

/// <summary>Open an image: the guest derives the salt from the block count, so a wrong count fails verification.</summary>
public sealed record AttachImagePlan(uint Slot, RootHash Root, ulong DataBlocks) : Plan(DecisionPoint.AttachImage);

/// <summary>Set the host name of the sandbox.</summary>
public sealed record SandboxPlan(string Hostname) : Plan(DecisionPoint.ConfigureSandbox);

/// <summary>Send one signal.</summary>
public sealed record SignalPlan(string ContainerId, string ExecId, int Signal, bool All) : Plan(DecisionPoint.SignalProcess);

/// <summary>Connect one stream.</summary>
public sealed record StreamPlan(string ContainerId, string ExecId, StandardStreamTarget Target) : Plan(DecisionPoint.OpenStream);

/// <summary>Which stream goes where.</summary>
public readonly record struct StandardStreamTarget(Requests.StandardStream Stream, StreamTarget Target);

/// <summary>How much of an exit status the host learns.</summary>
public enum ExitDisclosure
{
    /// <summary>The status itself.</summary>
    Exact,
    /// <summary>0, or 1 for anything else.</summary>
    Success,
    /// <summary>Always 0.</summary>
    Hidden,
}

/// <summary>Tell the host that a process ended.</summary>
public sealed record WaitPlan(string ContainerId, string ExecId, ExitDisclosure Disclosure) : Plan(DecisionPoint.WaitProcess);

/// <summary>How much of a container's processes the host sees.</summary>
public enum ProcessDisclosure
{
    /// <summary>Nothing: the request is refused.</summary>
    None,
    /// <summary>How many.</summary>
    Count,
    /// <summary>Names and numbers.</summary>
    Names,
}

/// <summary>List processes.</summary>
public sealed record ProcessListPlan(string ContainerId, ProcessDisclosure Disclosure) : Plan(DecisionPoint.ListProcesses);

/// <summary>How finely the host sees resource use.</summary>
public enum StatsDisclosure
{
    /// <summary>Nothing: the request is refused.</summary>
    None,
    /// <summary>CPU in steps of 100 ms, memory in steps of 16 MiB, no counts of processes.</summary>
    Coarse,
    /// <summary>As measured.</summary>
    Exact,
}

/// <summary>Read statistics.</summary>
public sealed record StatsPlan(string ContainerId, StatsDisclosure Disclosure) : Plan(DecisionPoint.ReadStats);

/// <summary>Change limits.</summary>
public sealed record ResourcesUpdatePlan(string ContainerId, ResourcesPlan Resources) : Plan(DecisionPoint.UpdateResources);

/// <summary>Accept a file's content.</summary>
public sealed record PutFilePlan(string ContainerId, string Mount, string Name) : Plan(DecisionPoint.PutFile);

/// <summary>Set the clock.</summary>
public sealed record ClockPlan(long UnixNs) : Plan(DecisionPoint.SetClock)
{
    /// <summary>The guest's monotonic clock at this moment, in nanoseconds from any beginning.</summary>
    public long ElapsedNs { get; init; }

    /// <summary>It is the key broker's signed time, not the host's.</summary>
    public bool FromBroker { get; init; }
}
