using Pavise.Policy.Oci;

namespace Pavise.Policy.Requests;

/// <summary>One parsed request at one decision point. Immutable: what is decided is what is carried out.</summary>
public abstract record Request(DecisionPoint Point);

/// <summary>The policy that the host sent equals the evidence's digest; last checks before it takes effect.</summary>
/// <param name="Unshielded">The host asks for unshielded mode.</param>
/// <param name="DevelopmentGuest">The guest is the development flavour and so has that mode.</param>
public sealed record Bind(bool Unshielded, bool DevelopmentGuest) : Request(DecisionPoint.Bind)
{
    /// <summary>What made the evidence, as the guest knows it: snp, tdx or sim. One of the policy's <c>attestation.tees</c>.</summary>
    public string Tee { get; init; } = "sim";
}

/// <summary>Sandbox-wide settings.</summary>
public sealed record ConfigureSandbox(string Hostname) : Request(DecisionPoint.ConfigureSandbox);

/// <summary>Open the image plugged at a slot.</summary>
public sealed record AttachImage(uint Slot, RootHash Root, ulong DataBlocks) : Request(DecisionPoint.AttachImage);

/// <summary>Create a container from the host's OCI configuration.</summary>
public sealed record CreateContainer(string ContainerId, string Name, OciSpec Spec, RootHash Root) : Request(DecisionPoint.CreateContainer);

/// <summary>Start a created container.</summary>
public sealed record StartContainer(string ContainerId) : Request(DecisionPoint.StartContainer);

/// <summary>Run a further process.</summary>
public sealed record ExecProcess(string ContainerId, string ExecId, OciProcess Process) : Request(DecisionPoint.ExecProcess);

/// <summary>Send a signal. An empty exec id means the first process.</summary>
public sealed record SignalProcess(string ContainerId, string ExecId, int Signal, bool All) : Request(DecisionPoint.SignalProcess);

/// <summary>Standard streams by name.</summary>
public enum StandardStream
{
    /// <summary>Standard input.</summary>
    Stdin,
    /// <summary>Standard output.</summary>
    Stdout,
    /// <summary>Standard error.</summary>
    Stderr,
}

/// <summary>Open one standard stream.</summary>
public sealed record OpenStream(string ContainerId, string ExecId, StandardStream Stream) : Request(DecisionPoint.OpenStream);

/// <summary>Close standard input.</summary>
public sealed record CloseStdin(string ContainerId, string ExecId) : Request(DecisionPoint.CloseStdin);

/// <summary>Resize a terminal.</summary>
public sealed record ResizeTerminal(string ContainerId, string ExecId, uint Columns, uint Rows) : Request(DecisionPoint.ResizeTerminal);

/// <summary>Wait for a process.</summary>
public sealed record WaitProcess(string ContainerId, string ExecId) : Request(DecisionPoint.WaitProcess);

/// <summary>List processes.</summary>
public sealed record ListProcesses(string ContainerId) : Request(DecisionPoint.ListProcesses);

/// <summary>Read statistics.</summary>
public sealed record ReadStats(string ContainerId) : Request(DecisionPoint.ReadStats);

/// <summary>Hear events.</summary>
public sealed record SubscribeEvents() : Request(DecisionPoint.SubscribeEvents);

/// <summary>Freeze.</summary>
public sealed record PauseContainer(string ContainerId) : Request(DecisionPoint.PauseContainer);

/// <summary>Thaw.</summary>
public sealed record ResumeContainer(string ContainerId) : Request(DecisionPoint.ResumeContainer);

/// <summary>Change resource limits.</summary>
public sealed record UpdateResources(string ContainerId, OciResources Resources) : Request(DecisionPoint.UpdateResources);

/// <summary>Bring a whole file: decided when its last piece has come.</summary>
public sealed record PutFile(string ContainerId, string Mount, string Name, ulong Length, ReadOnlyMemory<byte> Sha256) : Request(DecisionPoint.PutFile);

/// <summary>Open the encrypted volume of a container's mount, from the disk plugged at a slot.</summary>
public sealed record AttachVolume(string ContainerId, string Mount, uint Slot) : Request(DecisionPoint.AttachVolume);

/// <summary>Propose the time. Both in nanoseconds since 1970-01-01 UTC.</summary>
public sealed record SetClock(long ProposedUnixNs, long CurrentUnixNs) : Request(DecisionPoint.SetClock)
{
    /// <summary>The guest's monotonic clock at this moment, in nanoseconds from any beginning.</summary>
    public long ElapsedNs { get; init; }
}

/// <summary>Remove an ended container, or one of its execs.</summary>
public sealed record DeleteContainer(string ContainerId, string ExecId, bool Force) : Request(DecisionPoint.DeleteContainer);

/// <summary>Checkpoint.</summary>
public sealed record Checkpoint(string ContainerId) : Request(DecisionPoint.Checkpoint);

/// <summary>Power off.</summary>
public sealed record Shutdown(uint GraceMs) : Request(DecisionPoint.Shutdown);

/// <summary>Open an owner session.</summary>
public sealed record OpenSession(string ContainerId, string ExecId) : Request(DecisionPoint.OpenSession);
